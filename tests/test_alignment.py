"""Landmarks -> transform -> crop, and back."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alignment import (
    FFHQ_TEMPLATE,
    cut_crop,
    fit_similarity,
    invert,
    region_of_crop,
    rescaled,
    shifted,
    transform,
    warp,
)
from core.types import CROP_SIZE, Alignment

METHODS = list(Alignment)


def similarity(scale: float, degrees: float, x: float, y: float) -> np.ndarray:
    angle = np.radians(degrees)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cos, -sin, x], [sin, cos, y]])


similarities = st.builds(
    similarity, st.floats(0.02, 8), st.floats(-180, 180), st.floats(-2000, 2000), st.floats(-2000, 2000)
)


@pytest.mark.parametrize("method", METHODS)
@given(matrix=similarities)
def test_a_face_at_any_size_and_angle_is_brought_into_the_template(method: Alignment, matrix: np.ndarray) -> None:
    landmarks = transform(invert(matrix), FFHQ_TEMPLATE)
    fitted = fit_similarity(landmarks, method)
    np.testing.assert_allclose(transform(fitted, landmarks), FFHQ_TEMPLATE, atol=0.05)


def test_lmeds_is_not_moved_by_one_wrong_landmark_and_least_squares_is() -> None:
    landmarks = FFHQ_TEMPLATE.copy()
    landmarks[2] += [90, -60]
    good = [0, 1, 3, 4]
    error = {
        method: np.abs(transform(fit_similarity(landmarks, method), landmarks)[good] - FFHQ_TEMPLATE[good]).max()
        for method in METHODS
    }
    assert error[Alignment.LMEDS] < 2
    assert error[Alignment.LEAST_SQUARES] > 5


@given(noise=st.lists(st.floats(-15, 15), min_size=10, max_size=10))
def test_least_squares_is_the_minimum(noise: list[float]) -> None:
    landmarks = FFHQ_TEMPLATE + np.reshape(noise, (5, 2))

    def cost(matrix: np.ndarray) -> float:
        return float(((transform(matrix, landmarks) - FFHQ_TEMPLATE) ** 2).sum())

    best = fit_similarity(landmarks, Alignment.LEAST_SQUARES)
    for nudge in (similarity(1.001, 0, 0, 0), similarity(1, 0.1, 0, 0), similarity(1, 0, 0.2, -0.1)):
        nudged = nudge @ np.vstack([best, [0, 0, 1]])
        assert cost(best) <= cost(nudged) + 1e-9


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("landmarks", [np.ones((5, 2)), np.full((5, 2), np.nan)])
def test_landmarks_in_one_point_are_refused(method: Alignment, landmarks: np.ndarray) -> None:
    with pytest.raises(ValueError, match="do not span a face"):
        fit_similarity(landmarks, method)


@given(matrix=similarities, factor=st.sampled_from([0.25, 0.5, 2.0, 4.0]))
def test_rescaling_keeps_pixel_areas(matrix: np.ndarray, factor: float) -> None:
    point = np.array([[10.0, 20.0]])
    larger = (point + 0.5) * factor - 0.5
    np.testing.assert_allclose(
        transform(rescaled(matrix, source=factor), larger), transform(matrix, point), atol=1e-6
    )
    expected = (transform(matrix, point) + 0.5) * factor - 0.5
    np.testing.assert_allclose(transform(rescaled(matrix, target=factor), point), expected, atol=1e-6)


@given(matrix=similarities)
def test_shift_and_inverse_undo_themselves(matrix: np.ndarray) -> None:
    point = np.array([[100.0, 50.0]])
    np.testing.assert_allclose(
        transform(shifted(matrix, 30, 7), point - [30, 7]), transform(matrix, point), atol=1e-6
    )
    np.testing.assert_allclose(transform(invert(matrix), transform(matrix, point)), point, atol=1e-5)


def test_there_and_back_gives_the_photo_again() -> None:
    coarse = np.random.default_rng(1).uniform(0, 255, (20, 20, 3)).astype(np.float32)
    photo = cv2.resize(coarse, (300, 300), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)
    matrix = similarity(2.2, 25, 60, -140)
    crop = cut_crop(photo, matrix)
    left, top, right, bottom = region_of_crop(matrix, (300, 300))
    back = warp(crop, invert(shifted(matrix, left, top)), (right - left, bottom - top))
    inside = warp(np.ones((512, 512), np.float32), invert(shifted(matrix, left, top)), back.shape[1::-1], 0) > 0.99
    difference = np.abs(back - photo[top:bottom, left:right])[inside]
    assert difference.mean() < 0.5
    assert np.percentile(difference, 99) < 3


@pytest.mark.parametrize("scale", [0.6, 0.5, 0.3, 0.11])
def test_shrinking_does_not_alias(scale: float) -> None:
    # The finest checkerboard must become grey, not a coarser pattern.
    board = (np.indices((600, 600)).sum(axis=0) % 2 * 255).astype(np.float32)
    small = warp(board, similarity(scale, 0, 3, 3), (round(600 * scale) - 10, round(600 * scale) - 10))
    inner = small[6:-6, 6:-6]
    assert inner.mean() == pytest.approx(127.5, abs=2)
    assert inner.std() < 12


def test_warp_has_no_offset() -> None:
    ramp = np.tile(np.arange(800, dtype=np.float32), (800, 1))
    for scale in (0.13, 0.4, 0.7, 1.0, 3.0):
        size = round(500 * min(scale, 1))
        matrix = rescaled(similarity(1, 0, -100, -100), target=scale)
        out = warp(ramp, matrix, (size, size))
        x = size // 2
        expected = (x + 0.5) / scale - 0.5 + 100
        assert out[size // 2, x] == pytest.approx(expected, abs=0.35), scale


def test_a_face_cut_by_the_edge_has_no_hard_line_and_no_sharp_mirror_image() -> None:
    rng = np.random.default_rng(5)
    photo = np.full((400, 400, 3), 90, np.uint8) + rng.integers(0, 60, (400, 400, 3), np.uint8)
    matrix = similarity(1, 0, 256, 0)  # the left half of the crop lies outside the photo
    crop = cut_crop(photo, matrix).astype(np.float32)
    inside, outside = crop[40:360, 300:400], crop[40:360, 20:180]
    assert outside.std() < inside.std() / 4
    assert outside.mean() == pytest.approx(inside.mean(), abs=6)
    columns = crop[40:360].mean(axis=(0, 2))
    assert np.abs(np.diff(columns))[240:270].max() < 12


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_pictures_of_one_line_come_to_an_end(shape: tuple[int, int]) -> None:
    photo = np.full((*shape, 3), 99, np.uint8)
    for scale in (0.2, 1.0, 40.0):
        crop = cut_crop(photo, similarity(scale, 30, 200, 200))
        assert (crop == 99).all()


def test_the_depth_of_the_photo_is_kept() -> None:
    photo = np.full((600, 600, 3), 51_234, np.uint16)
    crop = cut_crop(photo, similarity(1, 10, 20, 0))
    assert crop.dtype == np.uint16
    assert crop.shape == (CROP_SIZE, CROP_SIZE, 3)
    assert np.abs(crop.astype(int) - 51_234).max() <= 1


def test_a_crop_outside_the_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        cut_crop(np.zeros((50, 50, 3), np.uint8), similarity(1, 0, 5000, 0))
