"""Turning, straightening and cropping photos."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alignment import transform
from core.geometry import Geometry, changed, changed_size, has_empty_corner, largest_inside, matrix, turned
from core.types import ColorModel, Photo
from tests.conftest import smooth_photo

sizes = st.tuples(st.integers(8, 90), st.integers(8, 90))
quarters = st.integers(0, 3)


def photo_of(samples: np.ndarray, **options: object) -> Photo:
    rgb = samples if samples.ndim == 3 and samples.shape[2] == 3 else np.zeros((*samples.shape[:2], 3), np.uint8)
    return Photo(samples, rgb, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.uint32])
def test_quarter_turns_lose_nothing(turns: int, dtype: type) -> None:
    samples = np.random.default_rng(1).integers(0, 200, (5, 7, 4)).astype(dtype)
    result = changed(photo_of(samples), Geometry(turns))
    np.testing.assert_array_equal(result.samples, np.rot90(samples, -turns))
    back = changed(result, Geometry((4 - turns) % 4))
    np.testing.assert_array_equal(back.samples, samples)


def test_the_identity_is_the_same_photo() -> None:
    photo = photo_of(smooth_photo(20, 10))
    assert changed(photo, Geometry()) is photo


def test_a_crop_keeps_its_samples() -> None:
    samples = smooth_photo(60, 40, dtype=np.uint16)
    result = changed(photo_of(samples), Geometry(crop=(10, 5, 50, 30)))
    np.testing.assert_array_equal(result.samples, samples[5:30, 10:50])
    assert result.rgb is result.samples


@settings(deadline=None)
@given(quarters, st.floats(-45, 45), sizes, st.floats(0, 0.4), st.floats(0.6, 1))
def test_matrix_and_pixels_agree(
    turns: int, degrees: float, size: tuple[int, int], low: float, high: float
) -> None:
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    samples = np.dstack([x, y, x + y])
    whole = Geometry(turns, degrees)
    w, h = changed_size(whole, size)
    geometry = Geometry(turns, degrees, (w * low, h * low, w * high, h * high))
    result = changed(photo_of(samples), geometry)
    assert result.size == changed_size(geometry, size)
    # The samples are coordinates: where a pixel of the photo goes, its coordinates are found.
    points = np.array([[width * 0.5, height * 0.5], [width * 0.45, height * 0.55]])
    for point, seen in zip(points, transform(matrix(geometry, size), points), strict=True):
        column, row = np.rint(seen).astype(int)
        if 1 <= column < result.size[0] - 1 and 1 <= row < result.size[1] - 1:
            np.testing.assert_allclose(result.samples[row, column, :2], point, atol=1.2)


@settings(deadline=None)
@given(quarters, st.floats(-45, 45), sizes)
def test_the_largest_crop_has_no_empty_corner(turns: int, degrees: float, size: tuple[int, int]) -> None:
    geometry = Geometry(turns, degrees)
    left, top, right, bottom = largest_inside(geometry, size)
    back = np.linalg.inv(np.vstack([matrix(geometry, size), [0, 0, 1]]))[:2]
    # Corners of the crop as edges, half a pixel before the first centre.
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]]) - 0.5
    if right - left > 2 and bottom - top > 2:
        inside = transform(back, corners)
        assert (inside >= -0.5 - 0.75).all()
        assert (inside <= np.array(size) - 0.5 + 0.75).all()


@settings(deadline=None)
@given(quarters, st.floats(-30, 30), st.tuples(st.integers(40, 90), st.integers(40, 90)))
def test_empty_corners_are_known(turns: int, degrees: float, size: tuple[int, int]) -> None:
    geometry = Geometry(turns, degrees)
    assert not has_empty_corner(Geometry(turns, degrees, largest_inside(geometry, size)), size)
    assert has_empty_corner(geometry, size) or abs(degrees) < 4


def test_the_largest_crop_is_large() -> None:
    left, top, right, bottom = largest_inside(Geometry(degrees=3), (1200, 800))
    assert (right - left) * (bottom - top) > 0.85 * 1200 * 800
    assert largest_inside(Geometry(), (120, 80)) == (0, 0, 120, 80)


@settings(deadline=None)
@given(quarters, quarters, st.floats(-20, 20), sizes)
def test_turning_the_result_is_turning_the_geometry(
    turns: int, more: int, degrees: float, size: tuple[int, int]
) -> None:
    samples = smooth_photo(*size, seed=2)
    geometry = Geometry(turns, degrees)
    w, h = changed_size(geometry, size)
    geometry = Geometry(turns, degrees, (round(w * 0.2), round(h * 0.1), round(w * 0.7), round(h * 0.9)))
    once = changed(photo_of(samples), turned(geometry, more, size))
    twice = changed(changed(photo_of(samples), geometry), Geometry(more))
    assert once.size == twice.size
    if degrees == 0:
        np.testing.assert_array_equal(once.samples, twice.samples)
    else:
        difference = np.abs(once.samples.astype(int) - twice.samples)[1:-1, 1:-1]
        assert difference.size == 0 or np.median(difference) <= 16


@pytest.mark.parametrize("channels", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float64, np.float16])
def test_samples_of_every_kind_are_straightened(channels: int, dtype: type) -> None:
    shape = (30, 40, channels) if channels else (30, 40)
    samples = np.full(shape, 90, dtype)
    result = changed(photo_of(samples, model=ColorModel.CMYK), Geometry(degrees=7.0, crop=(5, 5, 35, 30)))
    assert result.samples.shape == (25, 30, *shape[2:])
    assert result.samples.dtype == dtype
    np.testing.assert_allclose(result.samples.astype(float), 90, atol=0.6)


def test_a_crop_is_never_empty() -> None:
    assert changed_size(Geometry(crop=(500, 500, 500, 500)), (20, 10)) == (1, 1)
    assert changed_size(Geometry(crop=(-50, -50, 500, 500)), (20, 10)) == (20, 10)
