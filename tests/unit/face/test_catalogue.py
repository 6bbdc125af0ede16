"""Reading who shall be enrolled, from folders and catalogues."""

import json
import os
from pathlib import Path

import pytest

from switchboard.gallery.catalogue import (
    CatalogueUnreadable,
    Person,
    PhotoPlace,
    read_source,
    slug,
    strangers_in,
)


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def test_a_folder_names_people_by_files_and_by_folders(tmp_path: Path) -> None:
    for name in ("Tilda Swinton.jpg", "John_Simm/1.jpg", "John_Simm/2.PNG", ".hidden.jpg", "notes.txt"):
        write(tmp_path / name, "")
    john, tilda = read_source(tmp_path)
    assert (tilda.name, tilda.alias) == ("Tilda Swinton", "tilda-swinton")
    assert [photo.place for photo in tilda.photos] == [str(tmp_path / "Tilda Swinton.jpg")]
    assert john.name == "John Simm"
    assert [Path(photo.place).name for photo in john.photos] == ["1.jpg", "2.PNG"]


def test_what_lies_beside_the_photos_and_is_none_is_told(tmp_path: Path) -> None:
    names = ("Ann.jpg", "Ben/1.jpg", "Ben/about.md", "notes.txt", ".DS_Store", ".git/config", "Ben/.1.jpg")
    for name in names:
        write(tmp_path / name, "")
    assert strangers_in(tmp_path) == [tmp_path / "notes.txt", tmp_path / "Ben" / "about.md"]
    assert strangers_in(write(tmp_path / "people.csv", "name")) == []


def test_a_file_and_a_folder_of_one_name_are_one_person(tmp_path: Path) -> None:
    for name in ("Ann.jpg", "Ann/1.jpg"):
        write(tmp_path / name, "")
    (ann,) = read_source(tmp_path)
    assert len(ann.photos) == 2


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rows_of_one_person_are_several_photos_each_with_its_licence(tmp_path: Path, separator: str) -> None:
    rows = [
        "Name,alias,role,n_movies,photo,licence,author,source",
        "Ann,ann-1,Orlando,70,http://a/1.jpg,CC0,Bob,http://a/about",
        "Ann,ann-1,,,http://a/2.jpg,CC BY,Eve,",
        "Ann,ann-2,,,pics/3.jpg,,,",
    ]
    source = write(tmp_path / "people.csv", "\ufeff" + "\n".join(rows).replace(",", separator))
    one, other = read_source(source)
    assert one == Person(
        name="Ann",
        alias="ann-1",
        role="Orlando",
        n_movies=70,
        photos=(
            PhotoPlace("http://a/1.jpg", "CC0", "Bob", "http://a/about"),
            PhotoPlace("http://a/2.jpg", "CC BY", "Eve"),
        ),
    )
    assert other.photos == (PhotoPlace(str(tmp_path / "pics/3.jpg")),)


def test_a_json_catalogue_may_list_photos_as_addresses_or_as_objects(tmp_path: Path) -> None:
    ann = {
        "name": "Ann",
        "licence": "CC0",
        "photos": ["http://a/1.jpg", {"url": "http://a/2.jpg", "licence": "MIT"}],
    }
    people = [ann, {"name": "Ben", "wikidata": "Q42", "n_movies": 3}]
    for content in (people, {"people": people}):
        one, other = read_source(write(tmp_path / "people.json", json.dumps(content)))
        assert one.photos == (PhotoPlace("http://a/1.jpg", "CC0"), PhotoPlace("http://a/2.jpg", "MIT"))
        assert (other.photos, other.wikidata, other.n_movies) == ((), "Q42", 3)


def test_the_same_address_twice_is_one_photo(tmp_path: Path) -> None:
    source = write(tmp_path / "people.csv", "name,photo\nAnn,http://a/1.jpg\nAnn,http://a/1.jpg\n")
    assert [len(person.photos) for person in read_source(source)] == [1]


def test_names_of_other_scripts_have_aliases_of_their_own(tmp_path: Path) -> None:
    source = write(tmp_path / "people.csv", "name\n林青霞\n張曼玉\n???\n")
    assert [person.alias for person in read_source(source)] == ["林青霞", "張曼玉", "???"]


@pytest.mark.parametrize(("one", "other"), [("मोदी", "मादा"), ("ป่า", "ป้า"), ("רָם", "רִם")])
def test_names_that_differ_by_vowels_or_tones_alone_are_two_people(one: str, other: str) -> None:
    assert slug(one) != slug(other)
    assert slug(f"{one} {other}") == f"{one}-{other}"


def test_an_accent_written_apart_names_the_same_person(tmp_path: Path) -> None:
    for name in ("Jos\u00e9.jpg", "Jose\u0301/1.jpg"):
        write(tmp_path / name, "")
    [person] = read_source(tmp_path)
    assert (person.name, person.alias, len(person.photos)) == ("Jos\u00e9", "jos\u00e9", 2)


def test_a_name_that_is_no_unicode_can_be_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"Andr\xe9.jpg")).write_bytes(b"")
    catalogue = write(tmp_path / "people.json", '[{"name": "An\\ud800n\\u001b"}]')
    [andre], [ann] = read_source(tmp_path), read_source(catalogue)
    assert (andre.name, ann.name) == ("Andr\ufffd", "An\ufffdn\ufffd")
    assert Path(andre.photos[0].place).exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "name,photo\n,http://a/1.jpg\n", "entry 1: there is no name"),
        ("a.csv", "name,n_movies\nAnn,many\n", "entry 1: n_movies is 'many'"),
        ("a.csv", "name,photo\nAnn,ftp://a/1.jpg\n", "ftp is no way to a photo"),
        ("a.csv", "name,photo\nAnn,http://a/1.jpg\nBen,https:///2.jpg\n", "entry 2: .* names no host"),
        ("a.csv", "name,photo\nAnn,http://[a/1.jpg\n", "entry 1: Invalid IPv6 URL"),
        ("a.json", "{", "Expecting property name"),
        ("a.json", '{"persons": []}', "a JSON catalogue is a list"),
    ],
)
def test_a_wrong_catalogue_says_where(tmp_path: Path, name: str, content: str, says: str) -> None:
    with pytest.raises(CatalogueUnreadable, match=says):
        read_source(write(tmp_path / name, content))


def test_a_catalogue_that_says_something_new_of_a_person_has_another_fingerprint() -> None:
    ann = Person("Ann", "ann", photos=(PhotoPlace("http://a/1.jpg"),))
    more = Person("Ann", "ann", photos=(PhotoPlace("http://a/1.jpg"), PhotoPlace("http://a/2.jpg")))
    assert ann.key == more.key
    assert ann.fingerprint != more.fingerprint
