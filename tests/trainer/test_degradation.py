"""The degradation of training pictures, on the CPU."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import smooth_photo
from trainer.degradation import Draw, degrade, degraded_pair, draw, gaussian_kernel, recolored
from trainer.recipes import PAPER, RELEASED, X4, Degradation, Resampling

NULL = replace(PAPER, kernel_size=1, factor=(1, 1), noise=(0, 0), jpeg=None)
SEEDS = st.integers(0, 2**32)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def noisy_photo(width: int = 96, height: int = 96) -> np.ndarray:
    """A picture with power at every frequency."""
    noise = rng().normal(0, 25, (height, width, 3))
    return np.clip(smooth_photo(width, height) + noise, 0, 255).astype(np.uint8)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2))


def test_presets_are_those_of_the_paper_and_of_the_released_options() -> None:
    assert (PAPER.sigma, PAPER.factor, PAPER.noise, PAPER.jpeg) == ((0.2, 10), (1, 8), (0, 15), (60, 100))
    assert PAPER.anisotropic == 0
    assert (RELEASED.sigma, RELEASED.factor, RELEASED.noise, RELEASED.jpeg) == (
        (0.1, 10),
        (0.8, 8),
        (0, 20),
        (60, 100),
    )
    assert (RELEASED.anisotropic, RELEASED.kernel_size) == (0.5, 41)
    assert (RELEASED.shift_probability, RELEASED.jitter_probability, RELEASED.grey_probability) == (0.3, 0.3, 0.01)
    assert RELEASED.without_color().shift_probability == 0


@given(SEEDS)
def test_parameters_lie_in_their_ranges(seed: int) -> None:
    settings = replace(RELEASED, grey_probability=0.5)
    drawn = draw(settings, rng(seed))
    assert all(0.1 <= sigma <= 10 for sigma in drawn.sigma)
    assert -np.pi <= drawn.angle <= np.pi
    assert 0.8 <= drawn.factor <= 8
    assert 0 <= drawn.noise <= 20
    assert drawn.jpeg is not None
    assert 60 <= drawn.jpeg <= 100
    assert drawn.shift is None or all(abs(value) <= 20 / 255 for value in drawn.shift)
    if drawn.jitter:
        assert sorted(name for name, _ in drawn.jitter) == ["brightness", "contrast", "hue", "saturation"]
    for name, value in drawn.jitter:
        low, high = getattr(settings, name)
        assert low <= value <= high


@given(SEEDS)
def test_the_paper_has_round_kernels_and_keeps_the_colours(seed: int) -> None:
    drawn = draw(PAPER, rng(seed))
    assert drawn.sigma[0] == drawn.sigma[1]
    assert (drawn.shift, drawn.grey, drawn.jitter) == (None, False, ())


def test_draws_have_the_probabilities_asked_for_and_fill_their_ranges() -> None:
    generator = rng(1)
    draws = [draw(RELEASED, generator) for _ in range(4000)]
    assert np.mean([drawn.sigma[0] != drawn.sigma[1] for drawn in draws]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([drawn.shift is not None for drawn in draws]) == pytest.approx(0.3, abs=0.03)
    assert np.mean([bool(drawn.jitter) for drawn in draws]) == pytest.approx(0.3, abs=0.03)
    assert np.mean([drawn.grey for drawn in draws]) == pytest.approx(0.01, abs=0.006)
    assert np.mean([drawn.factor for drawn in draws]) == pytest.approx(4.4, abs=0.15)
    assert np.mean([drawn.noise for drawn in draws]) == pytest.approx(10, abs=0.4)
    assert len({tuple(name for name, _ in drawn.jitter) for drawn in draws}) == 25  # 24 orders, and none


@pytest.mark.parametrize("settings", [PAPER, RELEASED, X4])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_same_seed_gives_the_same_picture_of_the_same_kind(settings: Degradation, dtype: type) -> None:
    image = noisy_photo(80, 64)
    image = image if dtype is np.uint8 else image.astype(np.float32) / 255
    first, second = degrade(image, settings, rng(3)), degrade(image, settings, rng(3))
    np.testing.assert_array_equal(first, second)
    assert first.shape == image.shape
    assert first.dtype == dtype
    assert first.max() <= (255 if dtype is np.uint8 else 1)
    if settings is not X4:
        assert not np.array_equal(first, degrade(image, settings, rng(4)))


@pytest.mark.parametrize("seed", range(8))
def test_floats_in_whole_levels_are_degraded_like_bytes(seed: int) -> None:
    image = noisy_photo()
    as_float = degrade(image.astype(np.float32) / 255, RELEASED, rng(seed))
    np.testing.assert_allclose(as_float * 255, degrade(image, RELEASED, rng(seed)), atol=1e-4)


@pytest.mark.parametrize("resampling", Resampling)
def test_nothing_to_do_changes_nothing(resampling: Resampling) -> None:
    image = noisy_photo()
    np.testing.assert_array_equal(degrade(image, replace(NULL, resampling=resampling), rng()), image)


def test_the_truth_is_never_touched() -> None:
    truth = noisy_photo()
    before = truth.copy()
    settings = replace(RELEASED, grey_probability=1.0, shift_probability=1.0, jitter_probability=1.0)
    for seed in range(10):
        image, same = degraded_pair(truth, settings, rng(seed))
        assert same is truth
        np.testing.assert_array_equal(image, degrade(truth, settings, rng(seed)))
    np.testing.assert_array_equal(truth, before)


def test_with_gt_gray_the_truth_is_grey_exactly_where_the_input_is() -> None:
    truth = noisy_photo()
    before = truth.copy()
    settings = replace(NULL, grey_probability=0.5, gt_gray=True)
    seen = set()
    for seed in range(20):
        image, target = degraded_pair(truth, settings, rng(seed))
        grey = bool((image == image[..., :1]).all())
        seen.add(grey)
        luma = cv2.cvtColor(truth, cv2.COLOR_RGB2GRAY)
        expected = np.repeat(luma[..., None], 3, axis=2) if grey else truth
        assert np.abs(target.astype(int) - expected).max() <= 1
        np.testing.assert_array_equal(image, target)
    assert seen == {True, False}
    np.testing.assert_array_equal(truth, before)


@pytest.mark.parametrize("sigma", [2.0, 10.0])
def test_noise_has_the_level_asked_for(sigma: float) -> None:
    grey = np.full((128, 128, 3), 128, np.uint8)
    error = degrade(grey, replace(NULL, noise=(sigma, sigma)), rng()).astype(float) - 128
    # Rounding to whole levels adds a variance of 1 / 12.
    assert error.std() == pytest.approx(np.hypot(sigma, 12**-0.5), rel=0.02)
    assert abs(error.mean()) < 4 * sigma / np.sqrt(error.size)
    assert abs(np.corrcoef(error[..., 0].ravel(), error[..., 1].ravel())[0, 1]) < 0.03


def test_more_blur_leaves_less_of_the_high_frequencies() -> None:
    image = noisy_photo()

    def high(sigma: float) -> float:
        settings = replace(NULL, kernel_size=41, sigma=(sigma, sigma))
        grey = degrade(image.astype(np.float32) / 255, settings, rng()).mean(axis=2)
        window = np.outer(np.hanning(96), np.hanning(96))  # keeps the step between opposite borders out
        spectrum = np.abs(np.fft.fft2(window * (grey - grey.mean()))) ** 2
        radius = np.hypot(*np.meshgrid(np.fft.fftfreq(96), np.fft.fftfreq(96)))
        return float(spectrum[radius > 0.05].sum())

    powers = [high(sigma) for sigma in (0.1, 0.5, 1, 1.5, 2, 3)]
    assert all(more > 1.2 * less for more, less in pairwise(powers))


def test_more_downsampling_is_farther_from_the_truth() -> None:
    image = noisy_photo()
    scores = [psnr(degrade(image, replace(NULL, factor=(r, r)), rng()), image) for r in (1.5, 2.5, 4, 8)]
    assert scores == sorted(scores, reverse=True)


def test_better_jpeg_is_nearer_to_the_truth() -> None:
    image = noisy_photo()
    scores = [psnr(degrade(image, replace(NULL, jpeg=(q, q)), rng()), image) for q in (10, 40, 60, 80, 95)]
    assert scores == sorted(scores)


def test_jpeg_keeps_red_and_blue_apart() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    assert np.abs(degrade(red, replace(NULL, jpeg=(90, 90)), rng()).astype(int) - red).max() <= 3


@given(st.floats(1.5, 4), st.floats(1.5, 4), st.floats(-np.pi, np.pi))
def test_kernels_have_their_sum_and_covariance(first: float, second: float, angle: float) -> None:
    kernel = gaussian_kernel((first, second), angle, 41).astype(np.float64)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    offsets = np.arange(-20, 21)
    x, y = np.meshgrid(offsets, offsets)
    measured = [[(kernel * a * b).sum() for b in (x, y)] for a in (x, y)]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # A sampled Gaussian of these widths has the covariance of the continuous one; the cut at 5 sigma costs 2e-5.
    np.testing.assert_allclose(measured, turn @ np.diag([first**2, second**2]) @ turn.T, atol=2e-3)


@given(st.floats(0.1, 10), st.floats(0.1, 10), st.floats(-np.pi, np.pi), st.sampled_from([1, 3, 21, 41]))
def test_kernels_of_every_width_sum_to_one(first: float, second: float, angle: float, size: int) -> None:
    kernel = gaussian_kernel((first, second), angle, size)
    assert kernel.shape == (size, size)
    assert kernel.dtype == np.float32
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-7)


def test_blur_follows_the_formula_up_to_the_border() -> None:
    image = rng().random((24, 30, 3), np.float32)
    settings = replace(NULL, kernel_size=7, sigma=(1.5, 3.0), anisotropic=1.0)
    drawn = draw(settings, rng(5))
    kernel = gaussian_kernel(drawn.sigma, drawn.angle, 7)
    padded = np.pad(image, ((3, 3), (3, 3), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (7, 7), axis=(0, 1))
    expected = (windows * kernel).sum(axis=(-2, -1))
    np.testing.assert_allclose(degrade(image, settings, rng(5)), expected, atol=0.51 / 255)


def test_a_smaller_picture_suffers_the_same_blur_relative_to_the_face() -> None:
    half = RELEASED.for_size(256)
    assert half.sigma == (0.05, 5.0)
    assert half.kernel_size == 21
    assert (half.factor, half.noise, half.jpeg) == (RELEASED.factor, RELEASED.noise, RELEASED.jpeg)
    assert RELEASED.for_size(512) == RELEASED
    assert X4.for_size(256).kernel_size == 1


def test_x4_is_bicubic_without_aliasing() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    # Stripes of one pixel are finer than the small picture can show: only their mean may be left.
    assert np.abs(degrade(stripes, X4, rng())[:, 12:-12].astype(int) - 100).max() <= 2
    smooth = smooth_photo(64, 64)
    assert psnr(degrade(smooth, X4, rng()), smooth) > 30


def drawn_color(
    shift: tuple[float, float, float] | None = None, grey: bool = False, *jitter: tuple[str, float]
) -> Draw:
    return Draw((1, 1), 0, 1, 0, None, shift, grey, jitter)


def test_changes_of_colour_do_what_they_are_named_for() -> None:
    image = torch.rand((3, 16, 16), generator=torch.Generator().manual_seed(0)) * 0.5 + 0.25
    luma = torch.einsum("c,chw->hw", torch.tensor([0.299, 0.587, 0.114]), image)
    shifted = recolored(image, drawn_color((0.05, 0, -0.05)))
    torch.testing.assert_close((shifted - image).mean((1, 2)), torch.tensor([0.05, 0, -0.05]))
    grey = recolored(image, drawn_color(None, True))
    torch.testing.assert_close(grey, luma.expand(3, -1, -1), atol=1e-3, rtol=0)
    darker = recolored(image, drawn_color(None, False, ("brightness", 0.5)))
    torch.testing.assert_close(darker, image / 2)
    flatter = recolored(image, drawn_color(None, False, ("contrast", 0.5)))
    torch.testing.assert_close(flatter, (image + luma.mean()) / 2, atol=1e-3, rtol=0)
    paler = recolored(image, drawn_color(None, False, ("saturation", 0.0)))
    torch.testing.assert_close(paler, grey)
    half_turn = recolored(image, drawn_color(None, False, ("hue", 0.5)))
    torch.testing.assert_close(recolored(half_turn, drawn_color(None, False, ("hue", 0.5))), image)
    torch.testing.assert_close(half_turn.amax(0), image.amax(0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sigma": (5.0, 1.0)}, "sigma"),
        ({"sigma": (0.0, 1.0)}, "sigma"),
        ({"factor": (0.0, 8.0)}, "factor"),
        ({"jpeg": (60.0, 101.0)}, "jpeg"),
        ({"hue": (-0.6, 0.1)}, "hue"),
        ({"kernel_size": 40}, "odd"),
        ({"anisotropic": 1.5}, "anisotropic"),
        ({"grey_probability": -0.1}, "grey_probability"),
        ({"shift": 20.0}, "shift"),
    ],
)
def test_senseless_settings_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(RELEASED, **change)
