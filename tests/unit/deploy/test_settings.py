"""`make run` reads `.env` under the environment, and keeps everything in one folder."""

from pathlib import Path

from deploy.settings import room_variables, with_dotenv


def test_the_environment_wins_over_dotenv_and_empty_counts_as_unset(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("# a comment\nFIRST=file\nSECOND=a$b  # why\nTHIRD=\nFOURTH='x y'\n", "utf-8")
    found = with_dotenv({"FIRST": "given", "SECOND": "", "FIFTH": ""}, dotenv)
    assert found == {"FIRST": "given", "SECOND": "a$b", "FOURTH": "x y"}


def test_without_dotenv_the_environment_is_enough(tmp_path: Path) -> None:
    assert with_dotenv({"A": "1"}, tmp_path / ".env") == {"A": "1"}


def test_everything_that_is_written_lies_in_the_var_folder(tmp_path: Path) -> None:
    places = room_variables(tmp_path, "redis://127.0.0.1:1/0", {"nlp": 1, "face": 2})
    written = [value for name, value in places.items() if name.endswith(("_DIR", "_FILE"))]
    written.remove(places["NLP_BOTS_DIR"])
    assert written
    assert all(Path(path).is_relative_to(tmp_path) for path in written)
