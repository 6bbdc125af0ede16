"""A photo as a language model takes it: a data URL, in memory only."""

from base64 import b64encode

from contracts.problem import Problem
from contracts.turn import PHOTO_VIEW_BYTES, CallResult

_KINDS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF8", "gif"))


def view_of(photo: bytes) -> CallResult:
    """The photo as `data_url`; a Problem where it is too large, or no JPEG, PNG, GIF or WebP."""
    if len(photo) > PHOTO_VIEW_BYTES:
        limit = f"the photo is over {PHOTO_VIEW_BYTES // 1_000_000} MB"
        return CallResult(problem=Problem(title=limit, status=413, code="photo_too_large"))
    kind = next((kind for start, kind in _KINDS if photo.startswith(start)), "")
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        kind = "webp"
    if not kind:
        problem = Problem(title="no JPEG, PNG, GIF or WebP", status=415, code="photo_unsupported")
        return CallResult(problem=problem)
    return CallResult(value={"data_url": f"data:image/{kind};base64,{b64encode(photo).decode()}"})
