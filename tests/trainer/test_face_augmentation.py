"""Truths that are turned, bent and coloured, with their boxes."""

import cv2
import numpy as np
import pytest

from core.alignment import FFHQ_TEMPLATE
from tests.conftest import smooth_photo
from trainer.components import ComponentBoxes, boxes_from_landmarks
from trainer.face_augmentation import augmented

SIZE = 512
BOXES = boxes_from_landmarks(FFHQ_TEMPLATE, SIZE)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def centre(box: tuple[float, ...]) -> np.ndarray:
    return np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])


def test_nothing_changes_without_an_amount() -> None:
    photo = smooth_photo(SIZE, SIZE, 1)
    picture, boxes = augmented(photo, BOXES, 0.0, rng())
    assert picture is photo
    assert boxes == BOXES


def test_a_seed_gives_the_same_face_and_another_one_another() -> None:
    photo = smooth_photo(SIZE, SIZE, 1)
    first, again, other = (augmented(photo, BOXES, 1.0, rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first[0], again[0])
    assert first[1] == again[1]
    assert not np.array_equal(first[0], other[0])
    assert first[0].shape == photo.shape
    assert first[0].dtype == np.uint8


@pytest.mark.parametrize("seed", range(8))
def test_the_boxes_follow_what_they_are_about(seed: int) -> None:
    """A dot in the middle of each component is in the middle of its box afterwards, and nothing is resized."""
    for name in ("left_eye", "right_eye", "mouth"):
        black = np.zeros((SIZE, SIZE, 3), np.uint8)
        x, y = centre(getattr(BOXES, name))
        cv2.circle(black, (round(x), round(y)), 6, (255, 255, 255), -1)
        picture, boxes = augmented(black, BOXES, 1.0, rng(seed))
        box, before = getattr(boxes, name), getattr(BOXES, name)
        rows, columns = np.nonzero(picture.max(2) > 128)
        assert np.abs(centre(box) - [columns.mean(), rows.mean()]).max() < 2
        assert box[2] - box[0] == pytest.approx(before[2] - before[0])
        assert box[3] - box[1] == pytest.approx(before[3] - before[1])


def test_eyes_and_mouth_move_by_what_is_said_and_no_further() -> None:
    """At amount 1 by some pixels, on average; never out of the picture's middle; half as far at amount 0.5."""
    photo = smooth_photo(SIZE, SIZE, 1)

    def moves(amount: float) -> np.ndarray:
        made: list[ComponentBoxes] = [augmented(photo, BOXES, amount, rng(seed))[1] for seed in range(30)]
        return np.array([np.linalg.norm(centre(of.left_eye) - centre(BOXES.left_eye)) for of in made])

    strong, weak = moves(1.0), moves(0.5)
    assert 5 < strong.mean() < 30
    assert strong.max() < 70
    assert weak.mean() == pytest.approx(strong.mean() / 2, rel=0.3)


def test_colours_change_but_black_stays_black_and_white_nearly_white() -> None:
    board = (np.indices((SIZE, SIZE)) // 32).sum(0) % 2 * np.uint8(255)
    greys = []
    for seed in range(8):
        picture, _ = augmented(np.repeat(board[..., None], 3, 2).astype(np.uint8), BOXES, 1.0, rng(seed))
        assert picture.min() <= 2
        assert picture.max() >= 225
        grey, _ = augmented(np.full((SIZE, SIZE, 3), 128, np.uint8), BOXES, 1.0, rng(seed))
        greys.append(grey[256, 256].astype(float))
    assert 5 < np.std(greys) < 40
