"""What was made of photos and is kept: in memory, on disk, and how long."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from app.document.decisions import FaceKey
from app.engine.shelf import BackgroundKey, Shelf
from core.geometry import Geometry
from core.types import FaceCrop
from tests.conftest import face_at, flat

FACE: FaceKey = (Geometry(), b"landmarks", "a")
BACKGROUND: BackgroundKey = (Geometry(), "net", 2)


def crop() -> FaceCrop:
    face = face_at(60, 50, 70)
    noise = np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)
    return FaceCrop(face=face, matrix=np.eye(2, 3), pixels=noise, restored=flat((9, 8, 7)), advised_strength=0.7)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(b"as it was")
    return path


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_on_the_shelf_survives_the_program(tmp_path: Path, photo: Path, dtype: type) -> None:
    shelf = Shelf(tmp_path / "shelf")
    pixels = np.random.default_rng(2).integers(0, np.iinfo(dtype).max, (30, 40, 3), dtype, endpoint=True)
    assert not shelf.has_crop(photo, FACE)
    assert not shelf.has_background(photo, BACKGROUND)
    shelf.put_crop(photo, FACE, crop())
    shelf.put_background(photo, BACKGROUND, pixels)
    for each in (shelf, Shelf(tmp_path / "shelf")):
        assert each.has_crop(photo, FACE)
        assert each.has_background(photo, BACKGROUND)
        background, face = each.background(photo, BACKGROUND), each.crop(photo, FACE)
        np.testing.assert_array_equal(background, pixels)  # type: ignore[arg-type]
        assert background is not None
        assert background.dtype == dtype
        assert face is not None
        np.testing.assert_array_equal(face.restored, flat((9, 8, 7)))  # type: ignore[arg-type]
        assert face.advised_strength == 0.7
        assert each.crop(photo, (Geometry(), b"landmarks", "b")) is None
        assert each.background(photo, (Geometry(), "net", 4)) is None


def test_a_photo_written_anew_has_nothing(tmp_path: Path, photo: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.put_crop(photo, FACE, crop())
    photo.write_bytes(b"and as it is now")
    assert shelf.crop(photo, FACE) is None
    assert not shelf.has_crop(photo, FACE)


def test_damaged_files_are_as_if_they_were_not_there(tmp_path: Path, photo: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.put_crop(photo, FACE, crop())
    shelf.put_background(photo, BACKGROUND, np.zeros((3, 4, 3), np.uint8))
    for path in (tmp_path / "shelf").glob("*/*"):
        path.write_bytes(path.read_bytes()[:40])
    other = Shelf(tmp_path / "shelf")
    assert other.crop(photo, FACE) is None
    assert other.background(photo, BACKGROUND) is None


def test_a_disk_that_takes_nothing_leaves_the_memory(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    shelf = Shelf(tmp_path / "file" / "shelf")
    shelf.put_crop(photo, FACE, crop())
    assert shelf.has_crop(photo, FACE)
    assert shelf.crop(photo, FACE) is not None


def test_what_was_used_last_is_tidied_last(tmp_path: Path, photo: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    keys: list[FaceKey] = [(Geometry(), bytes([number]), None) for number in range(4)]
    for key in keys:
        shelf.put_crop(photo, key, crop())
    files = sorted((tmp_path / "shelf").glob("*/*"), key=lambda path: path.stat().st_mtime_ns)
    for age, path in enumerate(reversed(files)):
        os.utime(path, (10_000 - age, 10_000 - age))
    again = Shelf(tmp_path / "shelf")
    assert again.crop(photo, keys[0]) is not None  # which makes it the one used last
    again.tidy(2 * files[0].stat().st_size)
    left = Shelf(tmp_path / "shelf")
    assert [left.has_crop(photo, key) for key in keys] == [True, False, False, True]
    again.tidy(0)
    assert list((tmp_path / "shelf").iterdir()) == []


def test_what_a_killed_program_left_half_written_is_tidied_a_day_later(tmp_path: Path, photo: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.put_crop(photo, FACE, crop())
    (file,) = (tmp_path / "shelf").glob("*/*")
    for number, age in enumerate((0, 10**9)):
        half = file.with_name(f".gfpgan-desktop-{number:016x}.part")
        half.write_bytes(b"half")
        os.utime(half, (half.stat().st_mtime - age,) * 2)
    shelf.tidy()
    assert sorted(path.name for path in file.parent.iterdir()) == [f".gfpgan-desktop-{0:016x}.part", file.name]
