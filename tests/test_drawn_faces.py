"""Faces that a user points at, kept crops, and thumbnails."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from core.alignment import fit_similarity
from core.assembly import load_detector
from core.crops import load_crop, save_crop
from core.drawn_faces import face_from_points, find_face_in
from core.errors import PhotoError
from core.photo import read_photo
from core.thumbnails import read_thumbnail
from core.types import FaceCrop, Likeness, Photo
from tests.conftest import SAMPLES, crop_of, face_at, flat, smooth_photo


@pytest.fixture(scope="module")
def detector() -> object:
    return load_detector()[0]


@pytest.mark.parametrize("scale", [1.0, 0.35])
def test_a_face_is_found_in_a_rough_box(detector: object, wallet_photo: Photo, scale: float) -> None:
    pixels = cv2.resize(wallet_photo.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    (known,) = load_detector()[0].detect(wallet_photo.rgb)
    left, top, right, bottom = (edge * scale for edge in known.box)
    width, height = right - left, bottom - top
    rough = (left - 0.4 * width, top - 0.2 * height, right + 0.2 * width, bottom + 0.4 * height)
    face = find_face_in(detector, pixels, rough)  # type: ignore[arg-type]
    assert face is not None
    eyes = np.hypot(*(known.landmarks[1] - known.landmarks[0])) * scale
    assert np.abs(face.landmarks - known.landmarks * scale).max() < 0.2 * eyes


def test_where_there_is_no_face_none_is_made_up(detector: object, wallet_photo: Photo) -> None:
    height, width = wallet_photo.rgb.shape[:2]
    box = (width * 0.05, height * 0.8, width * 0.2, height * 0.95)
    assert find_face_in(detector, wallet_photo.rgb, box) is None  # type: ignore[arg-type]
    assert find_face_in(detector, wallet_photo.rgb, (-50.0, -50.0, -20.0, -20.0)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("degrees", [0, 25, 90, 180, -120])
@pytest.mark.parametrize("size", [30, 400])
def test_three_points_make_the_face_that_they_belong_to(degrees: float, size: float) -> None:
    face = face_at(300, 250, size, degrees)
    left, right, _, *mouth = face.landmarks
    made = face_from_points(left, right, np.mean(mouth, axis=0))
    np.testing.assert_allclose(made.landmarks, face.landmarks, atol=0.02 * size)
    one, other = fit_similarity(face.landmarks), fit_similarity(made.landmarks)
    np.testing.assert_allclose(one[:, :2], other[:, :2], atol=0.02 * 512 / size)
    assert made.box[0] < made.landmarks[:, 0].min()
    assert made.box[3] > made.landmarks[:, 1].max()


@pytest.mark.parametrize(
    "points", [((1, 1), (1, 1), (1, 1)), ((0, 0), (10, 0), (20, 0)), ((0, 0), (float("nan"), 0), (5, 9))]
)
def test_points_that_span_no_face_are_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="span no face"):
        face_from_points(*points)


# Crops on disk.


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("whole", [False, True])
def test_a_crop_comes_back_as_it_was(tmp_path: Path, dtype: type, whole: bool) -> None:
    pixels = smooth_photo(200, 150, dtype=dtype)
    crop = crop_of(pixels, face_at(100, 70, 90, 10), flat((9, 8, 7), dtype), network_size=256)
    crop = replace(crop, labels=np.eye(256, dtype=np.uint8), whole=whole, failure="It was too dark, ä.")
    crop = replace(crop, likeness=Likeness(23.4, "mobilefacenet"))
    save_crop(tmp_path / "crop.npz", crop)
    back = load_crop(tmp_path / "crop.npz")
    for name in FaceCrop.__dataclass_fields__:
        mine, theirs = getattr(crop, name), getattr(back, name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
        elif name != "face":
            assert mine == theirs
    assert (crop.face.box, crop.face.score) == (back.face.box, back.face.score)
    np.testing.assert_array_equal(crop.face.landmarks, back.face.landmarks)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_damaged_crop_is_a_sentence(tmp_path: Path, share: float) -> None:
    path = tmp_path / "crop.npz"
    save_crop(path, crop_of(smooth_photo(200, 150), face_at(100, 70, 90)))
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    with pytest.raises(PhotoError, match="restore the photo again"):
        load_crop(path)
    buffer = io.BytesIO()
    np.savez(buffer, numbers=np.array([object()]))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(PhotoError, match="restore the photo again"):
        load_crop(path)


# Thumbnails.


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_thumbnail_is_the_photo_made_small(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth_photo(900, 600)).save(path, exif=exif.tobytes(), quality=95)
    small = read_thumbnail(path, 150)
    whole = read_photo(path).rgb
    assert max(small.shape) == 150
    expected = cv2.resize(whole, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 2


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.png", "RGB"), ("a.png", "RGBA"), ("grey.jpg", "L"), ("inks.jpg", "CMYK"), ("a.tif", "L")],
)
def test_thumbnails_of_other_kinds(tmp_path: Path, name: str, mode: str) -> None:
    Image.fromarray(smooth_photo(300, 200)).convert(mode).save(tmp_path / name)
    small = read_thumbnail(tmp_path / name, 64)
    assert small.shape == (43, 64, 3)
    assert small.dtype == np.uint8


def test_a_small_photo_is_not_enlarged(tmp_path: Path) -> None:
    Image.fromarray(smooth_photo(40, 30)).save(tmp_path / "a.jpg")
    assert read_thumbnail(tmp_path / "a.jpg", 200).shape == (30, 40, 3)


def test_colours_of_wide_gamuts_are_those_of_the_photo(tmp_path: Path) -> None:
    import imagecodecs

    profile = bytes(imagecodecs.cms_profile("adobergb"))
    assert ImageCms.ImageCmsProfile(io.BytesIO(profile))
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth_photo(600, 400, seed=3)).save(path, icc_profile=profile, quality=95)
    small, whole = read_thumbnail(path, 100), read_photo(path).rgb
    expected = cv2.resize(whole, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 2


def test_what_is_no_photo_has_no_thumbnail(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff no photo")
    with pytest.raises(PhotoError):
        read_thumbnail(tmp_path / "a.jpg", 100)
    with pytest.raises(PhotoError, match="megapixels"):
        read_thumbnail(SAMPLES / "wallet-photo.jpg", 100, max_pixels=1000)


def test_large_jpegs_are_not_decoded_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth_photo(4000, 3000)).save(path, quality=90)
    turned, decoded = ImageOps.exif_transpose, []

    def turn(image: Image.Image) -> Image.Image:
        image.load()
        decoded.append(image.size)
        return turned(image)

    monkeypatch.setattr("core.thumbnails.ImageOps.exif_transpose", turn)
    assert read_thumbnail(path, 224).shape == (168, 224, 3)
    assert decoded == [(500, 375)]
