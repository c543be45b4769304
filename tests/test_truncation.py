"""JPEG files whose end is missing."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import PhotoError
from core.photo import read_photo
from core.types import Photo
from tests.conftest import SAMPLES

KINDS = {
    "baseline": {},
    "halved colours": {"subsampling": 2},
    "progressive": {"progressive": True},
    "with restarts": {"restart_marker_rows": 1},
}


def jpeg(kind: str, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    with Image.open(SAMPLES / "album-page.jpg") as image:
        image.convert(mode).save(buffer, "JPEG", quality=90, **KINDS[kind])
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Photo]:
    def write_and_read(data: bytes) -> Photo:
        (tmp_path / "cut.jpg").write_bytes(data)
        return read_photo(tmp_path / "cut.jpg")

    return write_and_read


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "progressive"])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_the_rows_that_are_there_are_read_and_the_missing_ones_said(
    kind: str, mode: str, read: Callable[[bytes], Photo]
) -> None:
    data = jpeg(kind, mode)
    whole, cut = read(data), read(data[: int(len(data) * 0.8)])
    (note,) = set(cut.notes) - set(whole.notes)
    assert cut.rgb.shape == whole.rgb.shape
    same = (cut.rgb == whole.rgb).all(axis=(1, 2))
    there = int(np.argmin(same))
    assert 0.6 < there / len(same) < 0.9
    assert np.ptp(cut.rgb[-1]) == 0
    missing = int(note.split("lowest ")[1].split("%")[0]) / 100
    assert note == f"the file is cut short: the lowest {missing:.0%} of the picture is missing and left grey"
    assert missing == pytest.approx(1 - there / len(same), abs=0.06)


def test_of_a_progressive_file_the_detail_is_missing(read: Callable[[bytes], Photo]) -> None:
    data = jpeg("progressive")
    whole, cut = read(data), read(data[: int(len(data) * 0.8)])
    assert cut.notes == ("the file is cut short: some of the picture's detail is missing",)
    assert np.abs(cut.rgb.astype(int) - whole.rgb).mean() < 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_end_mark_costs_nothing(kind: str, read: Callable[[bytes], Photo]) -> None:
    data = jpeg(kind)
    cut = read(data[:-2])
    np.testing.assert_array_equal(cut.rgb, read(data).rgb)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.01, 0.03])
def test_a_file_of_which_little_is_there_is_refused(
    kind: str, share: float, read: Callable[[bytes], Photo]
) -> None:
    data = jpeg(kind)
    with pytest.raises(PhotoError, match="damaged or cut short; get another copy"):
        read(data[: int(len(data) * share)])


def test_less_than_half_a_picture_is_refused(read: Callable[[bytes], Photo]) -> None:
    data = jpeg("baseline")
    with pytest.raises(PhotoError, match="damaged or cut short"):
        read(data[: int(len(data) * 0.4)])


def test_the_metadata_of_a_cut_file_is_kept(read: Callable[[bytes], Photo]) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Box", 6
    buffer = io.BytesIO()
    with Image.open(SAMPLES / "album-page.jpg") as image:
        image.save(buffer, "JPEG", quality=90, exif=exif, dpi=(300, 300))
    cut = read(buffer.getvalue()[:-3000])
    assert cut.metadata["dpi"] == (300, 300)
    assert b"Box" in cut.metadata["exif"]
    assert cut.size == (410, 570)  # turned upright
    assert "cut short" in cut.notes[0]


def test_a_picture_that_ends_grey_is_not_cut(read: Callable[[bytes], Photo]) -> None:
    buffer = io.BytesIO()
    Image.new("L", (64, 64), 128).save(buffer, "JPEG")
    assert read(buffer.getvalue()).notes == ()
