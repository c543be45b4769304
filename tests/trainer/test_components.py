"""Boxes of eyes and mouth."""

from dataclasses import astuple

import numpy as np
import pytest

from core.alignment import FFHQ_TEMPLATE
from trainer.components import ComponentBoxes, boxes_from_landmarks, flipped

LANDMARKS = np.array([[200.0, 240.0], [320.0, 240.0], [256.0, 310.0], [210.0, 370.0], [310.0, 370.0]])


def half(box: tuple[float, float, float, float]) -> float:
    return (box[2] - box[0]) / 2


def test_boxes_follow_the_formula() -> None:
    boxes = boxes_from_landmarks(LANDMARKS, 512)
    eye = 1.4 * 0.205 * 120
    np.testing.assert_allclose(boxes.left_eye, (200 - eye, 240 - eye, 200 + eye, 240 + eye))
    np.testing.assert_allclose(boxes.right_eye, (320 - eye, 240 - eye, 320 + eye, 240 + eye))
    np.testing.assert_allclose(boxes.mouth, (260 - 45, 370 - 45, 260 + 45, 370 + 45))


@pytest.mark.parametrize("size", [512, 256])
def test_boxes_of_a_tiny_face_have_the_least_size(size: int) -> None:
    boxes = boxes_from_landmarks(LANDMARKS * 0.1, size)
    assert half(boxes.left_eye) == pytest.approx(1.4 * 16 * size / 512)
    assert half(boxes.right_eye) == pytest.approx(1.4 * 16 * size / 512)
    assert half(boxes.mouth) == pytest.approx(16 * size / 512)


def test_boxes_scale_with_the_picture() -> None:
    large, small = boxes_from_landmarks(FFHQ_TEMPLATE, 512), boxes_from_landmarks(FFHQ_TEMPLATE / 2, 256)
    np.testing.assert_allclose(np.array(astuple(large)) / 2, astuple(small))


def test_a_flip_swaps_the_eyes_and_brings_the_same_pixels_into_the_boxes() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (32, 40, 3), np.uint8)
    boxes = ComponentBoxes(left_eye=(4, 6, 12, 14), right_eye=(20, 5, 28, 13), mouth=(10, 20, 24, 30))
    mirrored, other = flipped(picture, boxes)
    assert other == ComponentBoxes(left_eye=(11, 5, 19, 13), right_eye=(27, 6, 35, 14), mouth=(15, 20, 29, 30))
    for before, after in ((boxes.left_eye, other.right_eye), (boxes.mouth, other.mouth)):
        (x0, y0, x1, y1), (u0, v0, u1, v1) = np.array([before, after], int)
        patch = mirrored[v0 : v1 + 1, u0 : u1 + 1]
        np.testing.assert_array_equal(patch[:, ::-1], picture[y0 : y1 + 1, x0 : x1 + 1])


def test_flipping_twice_changes_nothing() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (32, 40, 3), np.uint8)
    boxes = ComponentBoxes(left_eye=(4, 6, 12, 14), right_eye=(20, 5, 28, 13), mouth=(10, 20, 24, 30))
    again, same = flipped(*flipped(picture, boxes))
    np.testing.assert_array_equal(again, picture)
    assert same == boxes


def test_a_flip_of_the_landmarks_gives_the_flipped_boxes() -> None:
    mirrored = (LANDMARKS * [-1, 1] + [511, 0])[[1, 0, 2, 4, 3]]
    expected = boxes_from_landmarks(LANDMARKS, 512).flipped(512)
    np.testing.assert_allclose(astuple(boxes_from_landmarks(mirrored, 512)), astuple(expected))


@pytest.mark.parametrize("landmarks", [np.zeros((4, 2)), np.full((5, 2), np.nan)])
def test_what_is_not_five_landmarks_is_refused(landmarks: np.ndarray) -> None:
    with pytest.raises(ValueError, match="five landmarks"):
        boxes_from_landmarks(landmarks, 512)
