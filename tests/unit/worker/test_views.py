"""Photos as data URLs for a language model."""

import pytest

from contracts.turn import PHOTO_VIEW_BYTES
from services.worker.views import view_of


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF89a", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "webp"),
    ],
)
def test_a_photo_says_its_own_kind(start: bytes, kind: str) -> None:
    value = view_of(start + b"rest").value
    assert value
    assert value["data_url"].startswith(f"data:image/{kind};base64,")


@pytest.mark.parametrize(
    ("photo", "code"),
    [
        (b"%PDF-1.7", "photo_unsupported"),
        (b"", "photo_unsupported"),
        (b"\xff\xd8\xff" + bytes(PHOTO_VIEW_BYTES), "photo_too_large"),
    ],
)
def test_what_a_model_cannot_take_is_a_problem(photo: bytes, code: str) -> None:
    problem = view_of(photo).problem
    assert problem
    assert problem.code == code
