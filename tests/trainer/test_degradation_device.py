"""The degradation of batches, against that of single pictures."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
import torch
from skimage.data import astronaut

from trainer.degradation import degrade, degraded_pair
from trainer.degradation_device import DeviceDegradation
from trainer.recipes import PAPER, RELEASED, X4, Degradation

SIZE = 128
ALL_COLORS = replace(RELEASED, shift_probability=0.8, jitter_probability=0.8, grey_probability=0.3)


@cache
def face() -> np.ndarray:
    """A real face, (128, 128, 3) uint8."""
    return cv2.resize(astronaut()[:220, 110:330], (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def batch_of(image: np.ndarray, count: int) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1).float().div(255).repeat(count, 1, 1, 1)


def on_cpu(settings: Degradation, seeds: range) -> np.ndarray:
    return np.stack([degrade(face(), settings, np.random.default_rng(seed)) for seed in seeds]).astype(float)


def on_device(settings: Degradation, seeds: range) -> np.ndarray:
    batch = DeviceDegradation(settings)(batch_of(face(), len(seeds)), seeds)
    return batch.permute(0, 2, 3, 1).double().numpy() * 255


@pytest.mark.parametrize("settings", [PAPER, ALL_COLORS, X4], ids=["paper", "released", "x4"])
def test_without_noise_both_paths_give_the_same_pictures(settings: Degradation) -> None:
    settings = replace(settings, noise=(0, 0)).for_size(SIZE)
    difference = np.abs(on_cpu(settings, range(32)) - on_device(settings, range(32)))
    # A sample on the edge between two levels may round differently, and JPEG spreads that over its block.
    assert difference.mean() < 0.02
    assert difference.max() < 16


def psnr(images: np.ndarray) -> np.ndarray:
    return 10 * np.log10(255**2 / ((images - face()) ** 2).mean(axis=(1, 2, 3)))


def radial_spectrum(images: np.ndarray) -> np.ndarray:
    """The mean log power in 16 rings of spatial frequency up to 0.5 a pixel, (N, 16)."""
    power = np.abs(np.fft.fft2(images.mean(axis=3) - images.mean(axis=(1, 2, 3))[:, None, None])) ** 2
    frequency = np.fft.fftfreq(SIZE)
    ring = (np.hypot(*np.meshgrid(frequency, frequency)) * 32).astype(int)
    return np.stack([np.log(power[:, ring == k].mean(axis=1)) for k in range(16)], axis=1)


@pytest.mark.parametrize("settings", [PAPER, RELEASED], ids=["paper", "released"])
def test_both_paths_have_the_same_distributions(settings: Degradation) -> None:
    settings, seeds = settings.for_size(SIZE), range(128)
    cpu, device = on_cpu(settings, seeds), on_device(settings, seeds)
    # Only the noise differs, so the distributions agree far closer than two draws of 128 would.
    assert psnr(cpu).mean() == pytest.approx(psnr(device).mean(), abs=0.05)
    at = (0.05, 0.25, 0.5, 0.75, 0.95)
    np.testing.assert_allclose(np.quantile(psnr(cpu), at), np.quantile(psnr(device), at), atol=0.15)
    spectra = radial_spectrum(cpu), radial_spectrum(device)
    np.testing.assert_allclose(spectra[0].mean(axis=0), spectra[1].mean(axis=0), atol=0.02)
    np.testing.assert_allclose(*(np.quantile(s, at, axis=0) for s in spectra), atol=0.2)


def test_the_noise_has_the_level_asked_for() -> None:
    settings = replace(X4, factor=(1, 1), noise=(10, 10))
    grey = torch.full((4, 3, 64, 64), 128 / 255)
    error = DeviceDegradation(settings)(grey, range(4)) * 255 - 128
    assert float(error.std()) == pytest.approx(np.hypot(10, 12**-0.5), rel=0.02)
    assert float(error.mean()) == pytest.approx(0, abs=0.2)
    correlation = np.corrcoef(error.flatten(1).numpy()) - np.eye(4)
    assert np.abs(correlation).max() < 0.04


def test_a_sample_depends_on_its_seed_alone() -> None:
    degradation = DeviceDegradation(RELEASED.for_size(SIZE))
    together = degradation(batch_of(face(), 4), [5, 6, 7, 5])
    alone = degradation(batch_of(face(), 1), [6])
    assert together.shape == (4, 3, SIZE, SIZE)
    assert together.dtype == torch.float32
    torch.testing.assert_close(together[0], together[3], atol=0, rtol=0)
    assert not torch.equal(together[0], together[2])
    assert float((together[1] - alone[0]).abs().mean()) < 1e-4


def test_nothing_to_do_changes_nothing() -> None:
    batch = batch_of(face(), 2)
    null = replace(X4, factor=(1, 1))
    torch.testing.assert_close(DeviceDegradation(null)(batch, [1, 2]), batch)


@pytest.mark.parametrize("gt_gray", [False, True])
def test_truths_are_those_of_the_single_pictures(gt_gray: bool) -> None:
    settings = replace(X4, grey_probability=0.5, gt_gray=gt_gray)
    batch = batch_of(face(), 12)
    before = batch.clone()
    inputs, truths = DeviceDegradation(settings).pair(batch, range(12))
    torch.testing.assert_close(batch, before, atol=0, rtol=0)
    assert gt_gray or truths is batch
    for seed in range(12):
        pair = degraded_pair(face(), settings, np.random.default_rng(seed))
        for mine, expected in zip((inputs[seed], truths[seed]), pair, strict=True):
            assert np.abs(mine.permute(1, 2, 0).numpy() * 255 - expected).max() < 1.01


def test_each_picture_needs_its_seed() -> None:
    degrade_batch: Callable[..., object] = DeviceDegradation(PAPER)
    with pytest.raises(ValueError, match="2 seeds for 3 pictures"):
        degrade_batch(batch_of(face(), 3), [1, 2])
