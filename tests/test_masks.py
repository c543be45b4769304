"""Masks: where the face is, and how softly it ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alignment import FFHQ_TEMPLATE
from core.masks import MASK_SIZE, mask_from_labels, mask_from_landmarks


def drawn_labels(size: int = 512) -> np.ndarray:
    """A head drawn with ParseNet's classes: hair, skin, eyes, mouth, neck, clothes, a hat's brim."""
    y, x = np.mgrid[:size, :size] / size
    labels = np.zeros((size, size), np.uint8)
    labels[(y > 0.86) & (abs(x - 0.5) < 0.45)] = 18
    labels[(y > 0.75) & (abs(x - 0.5) < 0.15)] = 17
    labels[((x - 0.5) / 0.36) ** 2 + ((y - 0.42) / 0.38) ** 2 < 1] = 13
    labels[((x - 0.5) / 0.27) ** 2 + ((y - 0.53) / 0.35) ** 2 < 1] = 1
    labels[(abs(y - 0.47) < 0.02) & (abs(abs(x - 0.5) - 0.12) < 0.05)] = 4
    labels[(abs(y - 0.72) < 0.03) & (abs(x - 0.5) < 0.1)] = 11
    labels[y < 0.08] = 14
    return labels


def is_smooth(mask: np.ndarray) -> bool:
    """No step larger than a feather of about a fortieth of the crop makes."""
    return max(np.abs(np.diff(mask, axis=0)).max(), np.abs(np.diff(mask, axis=1)).max()) < 0.12


def assert_sound(mask: np.ndarray) -> None:
    assert mask.shape == (MASK_SIZE, MASK_SIZE)
    assert mask.dtype == np.float32
    assert mask.min() >= 0
    assert mask.max() <= 1
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert (border == 0).all()
    assert is_smooth(mask)


@pytest.mark.parametrize("size", [512, 256, 128])
def test_labels_keep_skin_and_hair_and_leave_clothes_hat_and_background(size: int) -> None:
    mask = mask_from_labels(drawn_labels(size))
    assert_sound(mask)
    middle = MASK_SIZE // 2
    assert mask[int(0.5 * MASK_SIZE), middle] > 0.99
    assert mask[int(0.72 * MASK_SIZE), middle] > 0.99
    assert mask[int(0.17 * MASK_SIZE), middle] > 0.9  # hair
    assert mask[int(0.95 * MASK_SIZE), middle] < 0.05  # clothes
    assert mask[int(0.5 * MASK_SIZE), int(0.06 * MASK_SIZE)] < 0.05  # background
    assert mask[int(0.04 * MASK_SIZE), middle] < 0.05  # hat


def test_half_resolution_labels_give_nearly_the_same_mask() -> None:
    full, half = (mask_from_labels(drawn_labels(size)) for size in (512, 256))
    assert np.abs(full - half).mean() < 0.004
    assert np.abs(full - half).max() < 0.08


def test_holes_and_specks_in_the_labels_do_not_show() -> None:
    labels = drawn_labels()
    clean = mask_from_labels(labels)
    rng = np.random.default_rng(3)
    for y, x in rng.integers(0, 505, (120, 2)):
        labels[y : y + 5, x : x + 5] = 0 if labels[y, x] in (1, 13) else 1
    assert np.abs(mask_from_labels(labels) - clean).mean() < 0.02


@given(st.integers(0, 18))
def test_one_class_everywhere_is_all_or_nothing(label: int) -> None:
    mask = mask_from_labels(np.full((64, 64), label, np.uint8))
    assert_sound(mask)
    assert mask[128, 128] == (0 if label in (0, 14, 16, 17, 18) else 1)


def test_the_oval_holds_the_features_and_spares_the_corners() -> None:
    mask = mask_from_landmarks(FFHQ_TEMPLATE)
    assert_sound(mask)
    for x, y in (FFHQ_TEMPLATE / 2).astype(int):
        assert mask[y, x] > 0.99
    assert (mask[np.ix_([10, 245], [10, 245])] < 0.01).all()


@given(offset=st.lists(st.floats(-25, 25), min_size=10, max_size=10))
def test_any_landmarks_give_a_sound_mask(offset: list[float]) -> None:
    assert_sound(mask_from_landmarks(FFHQ_TEMPLATE + np.reshape(offset, (5, 2))))


def test_a_profile_has_a_mask_as_wide_as_a_face() -> None:
    profile = FFHQ_TEMPLATE.copy()
    profile[:, 0] = 256 + 0.15 * (profile[:, 0] - 256)
    width = (mask_from_landmarks(profile)[130] > 0.5).sum()
    front = (mask_from_landmarks(FFHQ_TEMPLATE)[130] > 0.5).sum()
    assert width > 0.85 * front
