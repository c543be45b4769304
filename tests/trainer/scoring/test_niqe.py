"""NIQE: against BasicSR's numbers, and where there is nothing to measure."""

import math

import cv2
import numpy as np
import pytest
import skimage.data

from trainer.scoring.niqe import niqe

# What basicsr.metrics.niqe of BasicSR 1.4.2, the code of the paper's authors, gives for these pictures of
# scikit-image; its resizing differs at the borders.
PUBLISHED = {"astronaut": 3.06461, "cat": 2.62554, "coffee": 4.11524}


@pytest.mark.parametrize(("name", "expected"), PUBLISHED.items())
def test_it_is_the_number_of_the_papers_authors(name: str, expected: float) -> None:
    assert niqe(getattr(skimage.data, name)()) == pytest.approx(expected, rel=0.003)


def test_blur_is_worse_and_so_is_noise() -> None:
    picture = skimage.data.astronaut()
    noise = np.random.default_rng(0).normal(0, 25, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    assert niqe(cv2.GaussianBlur(picture, (0, 0), 3)) == pytest.approx(8.81801, rel=0.003)
    assert niqe(noisy) > niqe(picture) + 2


def test_pictures_without_structure_or_of_one_block_have_no_number() -> None:
    assert math.isnan(niqe(np.full((256, 256, 3), 128, np.uint8)))
    assert math.isnan(niqe(skimage.data.astronaut()[:100, :180]))
