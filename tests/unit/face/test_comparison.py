"""The picture of two faces side by side."""

import io

import numpy as np
import pytest
from PIL import Image

from contracts.face import Box, ImageSize
from services.face.boxes import turned_back
from services.face.comparison import GAP, SIDE, Comparison, draw, make_worker, square_around
from services.face.errors import PhotoTooLarge, PhotoUnreadable
from services.face.image import MAX_BYTES
from services.face.reading import Question, Reading
from tests.unit.face.photos import astronaut_jpeg, blank_png, encoded, with_orientation

FACE = Box(left=600, top=100, width=200, height=200)
SMALL = Box(left=20, top=20, width=40, height=40)
RED, BLUE = (220, 20, 20), (20, 20, 220)


def photo_of(box: Box, color: tuple[int, int, int], size: tuple[int, int] = (1000, 500)) -> Image.Image:
    """Grey, with a square of a colour where the face is."""
    image = Image.new("RGB", size, "grey")
    image.paste(color, (box.left, box.top, box.left + box.width, box.top + box.height))
    return image


def halves(jpeg: bytes) -> tuple[Image.Image, Image.Image]:
    picture = Image.open(io.BytesIO(jpeg))
    assert picture.size == (2 * SIDE + GAP, SIDE)
    return picture.crop((0, 0, SIDE, SIDE)), picture.crop((SIDE + GAP, 0, 2 * SIDE + GAP, SIDE))


def shows(half: Image.Image, color: tuple[int, int, int]) -> bool:
    """The colour fills the middle as wide as a face should, and the rim is grey."""
    pixels = np.asarray(half).astype(int)
    middle, rim = pixels[150:330, 150:330], pixels[:80]
    return bool(np.abs(middle - color).max() < 40 and np.abs(rim - 128).max() < 40)


def test_both_faces_are_in_the_middle_of_their_half_and_as_large() -> None:
    portrait = encoded(photo_of(SMALL, BLUE, (100, 100)), quality=95)
    person, enrolled = halves(draw(Comparison(encoded(photo_of(FACE, RED)), FACE, portrait, SMALL)))
    assert shows(person, RED)
    assert shows(enrolled, BLUE)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_box_is_of_the_photo_as_exif_sets_it_upright(orientation: int) -> None:
    turned = with_orientation(photo_of(FACE, RED), orientation)
    person, _ = halves(draw(Comparison(turned, FACE, astronaut_jpeg(), FACE)))
    assert shows(person, RED)


def test_a_box_of_a_photo_larger_than_what_is_worked_on_is_scaled() -> None:
    box = Box(left=1800, top=300, width=600, height=600)
    photo = encoded(photo_of(box, RED, (3000, 1500)))
    person, _ = halves(draw(Comparison(photo, box, astronaut_jpeg(), FACE)))
    assert shows(person, RED)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_of_a_photo_that_lies_on_its_side_stands_upright(quarters: int) -> None:
    image = photo_of(FACE, RED)
    image.paste((20, 180, 20), (FACE.left, FACE.top, FACE.left + FACE.width, FACE.top + 60))
    upright = ImageSize(width=image.width, height=image.height)
    lying = Image.fromarray(np.rot90(np.asarray(image), -quarters))  # clockwise
    original = ImageSize(width=lying.width, height=lying.height)
    box = turned_back(FACE, upright, quarters, original)
    turn = -90 * quarters % 360
    person, _ = halves(draw(Comparison(encoded(lying), box, astronaut_jpeg(), FACE, turn)))
    brow, chin = np.asarray(person)[150, 240], np.asarray(person)[330, 240]
    assert np.abs(brow.astype(int) - (20, 180, 20)).max() < 40
    assert np.abs(chin.astype(int) - RED).max() < 40


@pytest.mark.parametrize(
    "box",
    [
        Box(left=-50, top=-50, width=200, height=200),
        Box(left=90, top=90, width=1, height=1),
        Box(left=-9000, top=9000, width=90_000, height=1),
    ],
)
def test_the_square_around_a_face_lies_within_the_picture(box: Box) -> None:
    left, top, side = square_around(box, ImageSize(width=100, height=60))
    assert 1 <= side <= 60
    assert 0 <= left <= 100 - side
    assert 0 <= top <= 60 - side


def test_a_photo_is_bounded_before_it_is_decoded() -> None:
    for photo in (bytes(MAX_BYTES + 1), blank_png(8000, 8000)):
        with pytest.raises(PhotoTooLarge):
            draw(Comparison(photo, FACE, astronaut_jpeg(), FACE))
    with pytest.raises(PhotoUnreadable):
        draw(Comparison(astronaut_jpeg()[:300], FACE, astronaut_jpeg(), FACE))


def test_the_picture_tells_nothing_but_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    photo = encoded(photo_of(FACE, RED), exif=exif.tobytes(), comment=b"whose it is")
    jpeg = draw(Comparison(photo, FACE, astronaut_jpeg(), FACE))
    assert not {"exif", "comment", "icc_profile"} & set(Image.open(io.BytesIO(jpeg)).info)


def test_a_process_still_reads_photos_beside_drawing() -> None:
    answer = Reading(ImageSize(width=1, height=1), ())
    asked: list[Question] = []

    def read(question: Question) -> Reading:
        asked.append(question)
        return answer

    work = make_worker(lambda: read)
    question = Question(b"photo", "faces")
    assert work(question) is answer
    assert asked == [question]
    assert isinstance(work(Comparison(astronaut_jpeg(), SMALL, astronaut_jpeg(), SMALL)), bytes)
