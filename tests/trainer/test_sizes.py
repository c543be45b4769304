"""Training a network on faces larger than itself."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from core.alignment import resize_crop
from tests.trainer.two_trainings import SIZE, batch, generator, new_training
from trainer.evaluation import Evaluator, as_8_bit, psnr
from trainer.restorer import noise_for
from trainer.sizes import enlarged, reduced
from trainer.types import Batch


def large_batch() -> Batch:
    """Faces twice as large as the network."""
    small = batch(0, 1)
    return replace(small, inputs=enlarged(small.inputs, 2 * SIZE), truths=enlarged(small.truths, 2 * SIZE))


@pytest.mark.parametrize("size", [64, 128, 256])
def test_sizes_are_changed_as_in_the_program(size: int) -> None:
    picture = np.random.default_rng(0).random((256, 256, 3), np.float32)
    picture = cv2.GaussianBlur(picture, (0, 0), 1.5)
    planes = torch.from_numpy(picture.transpose(2, 0, 1))[None]
    small = reduced(planes, size)
    shown = enlarged(small, 256)
    expected = resize_crop(picture, size)
    assert torch.allclose(small[0], torch.from_numpy(expected.transpose(2, 0, 1)), atol=1e-4)
    enlargement = resize_crop(expected, 256)
    assert torch.allclose(shown[0], torch.from_numpy(enlargement.transpose(2, 0, 1)), atol=1e-4)


def test_what_fits_stays_as_it_is() -> None:
    images = torch.rand(1, 3, 64, 64)
    assert reduced(images, 64) is images
    assert reduced(images, 128) is images
    assert enlarged(images, 64) is images
    assert enlarged(images, 32) is images


def test_losses_see_what_the_network_makes_as_it_is_shown() -> None:
    training, large = new_training(["l1", "pyramid", "perceptual"]), large_batch()
    noise = noise_for(training.generator, large.seeds)
    made, pyramid = training.generator(reduced(large.inputs, SIZE), noise=noise, return_rgb=True)
    image, terms = training.generator_terms(0, large)
    assert image.shape == large.truths.shape
    assert torch.allclose(image, enlarged(made, 2 * SIZE), atol=1e-5)
    assert terms["l1"].item() == pytest.approx(0.1 * (image - large.truths).abs().mean().item(), rel=1e-5)
    expected = training.criteria.pyramid(pyramid, reduced(large.truths, SIZE), 0)["pyramid"]
    assert terms["pyramid"].item() == pytest.approx(expected.item(), rel=1e-5)
    before = [p.clone() for p in training.trained]
    training.update(0, [large], 1.0)
    assert any(not torch.equal(old, new) for old, new in zip(before, training.trained, strict=True))


def test_a_network_is_judged_at_the_size_of_the_faces() -> None:
    network, large = generator().eval(), large_batch()
    with torch.no_grad():
        shown = as_8_bit(enlarged(network(reduced(large.inputs, SIZE)), 2 * SIZE))
    expected = psnr(shown, as_8_bit(large.truths)).mean().item()
    assert Evaluator([large]).measure(network)["psnr"] == pytest.approx(expected, rel=1e-5)
