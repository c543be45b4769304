"""Colours and grain."""

import cv2
import numpy as np
import pytest

from core.color import add_grain, has_color, is_monochrome, is_one_tone, keep_color, limit_color, luma, noise_level
from core.types import Photo
from tests.conftest import smooth_photo


def grey_photo(seed: int = 0) -> np.ndarray:
    return np.repeat(smooth_photo(400, 300, seed)[..., :1], 3, axis=2)


def sepia(grey: np.ndarray) -> np.ndarray:
    value = grey[..., 0].astype(float) / 255
    tone = np.stack([value**0.8, value**0.95, value**1.25], axis=2)
    return np.rint(tone * 255).astype(np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_and_toned_photos_are_monochrome_and_coloured_ones_are_not(dtype: type, wallet_photo: Photo) -> None:
    factor = 257 if dtype is np.uint16 else 1
    assert is_monochrome(grey_photo().astype(dtype) * factor)
    assert is_monochrome(sepia(grey_photo()).astype(dtype) * factor)
    assert not is_monochrome(smooth_photo(400, 300, dtype=dtype))
    assert not is_monochrome(wallet_photo.rgb.astype(dtype) * factor)


def test_two_shades_are_one_tone() -> None:
    assert is_monochrome(np.repeat(np.array([[[40]], [[200]]], np.uint8), 3, axis=2))


@pytest.mark.parametrize("seed", range(6))
def test_large_photos_are_judged_like_small_ones(seed: int) -> None:
    """Their thumbnail is made in two ways; the noise of a scan does not count in either."""
    noise = np.random.default_rng(seed).normal(0, 20, (1400, 2100, 3))
    for small, expected in ((sepia(grey_photo(seed)), True), (smooth_photo(400, 300, seed), False)):
        large = cv2.resize(small, (2100, 1400), interpolation=cv2.INTER_CUBIC)
        noisy = np.rint(np.clip(large + noise, 0, 255)).astype(np.uint8)
        assert is_monochrome(small) == is_monochrome(large) == is_monochrome(noisy) == expected


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (7, 9), (64, 64)])
def test_the_noise_level_is_the_median_scaled_to_a_deviation(shape: tuple[int, int]) -> None:
    residual = np.random.default_rng(shape[0]).normal(0, 5, shape).astype(np.float32)
    assert noise_level(residual) == pytest.approx(1.4826 * np.median(np.abs(residual)), rel=1e-6)


def test_a_grey_portrait_is_one_tone_and_a_face_in_colour_is_not(wallet_photo: Photo) -> None:
    face = wallet_photo.rgb[10:120, 95:200]
    assert not is_one_tone(face)
    assert is_one_tone(np.repeat(face[..., :1], 3, axis=2))
    assert is_one_tone(np.full((50, 50, 3), 7, np.uint8))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_face_in_warm_light_that_passes_for_monochrome_has_colour(dtype: type, wallet_photo: Photo) -> None:
    face = wallet_photo.rgb[10:120, 95:200].astype(dtype) * (257 if dtype is np.uint16 else 1)
    assert is_monochrome(face)
    assert has_color(face)


@pytest.mark.parametrize("seed", range(4))
def test_a_toned_face_has_no_colour_for_all_its_noise(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 10, (200, 200, 3))
    noisy = np.clip(cv2.resize(sepia(grey_photo(seed)), (200, 200)) + noise, 0, 255).astype(np.uint8)
    assert not has_color(cv2.resize(noisy, (512, 512), interpolation=cv2.INTER_CUBIC))
    assert not has_color(grey_photo(seed))


SKIN = np.full((480, 512, 3), (200.0, 150.0, 130.0), np.float32)
MOUTH, INSIDE = np.s_[220:280, 200:300], np.s_[228:272, 208:292]


def with_mouth(color: tuple[float, float, float]) -> np.ndarray:
    picture = SKIN.copy()
    picture[MOUTH] = color
    return picture


def chroma(picture: np.ndarray) -> np.ndarray:
    return picture - luma(picture)[..., None]


@pytest.mark.parametrize("scale", [1, 257])
def test_colours_that_the_photo_has_nowhere_near_become_pale(scale: int) -> None:
    restored, photo = with_mouth((120, 200, 210)), SKIN.copy()  # cyan teeth
    photo[60:100, 60:100] = (60, 90, 200)  # something blue, far away
    limited = limit_color(restored * scale, photo * scale, 255 * scale) / scale
    np.testing.assert_allclose(luma(limited), luma(restored), atol=0.02)
    red, green, blue = np.moveaxis(chroma(limited)[INSIDE], 2, 0)
    assert red.min() > 0
    assert green.max() <= 0.01
    assert blue.max() <= 0.01
    assert np.abs(chroma(limited)[INSIDE]).max() < 0.4 * np.abs(chroma(SKIN)).max()
    np.testing.assert_allclose(limited[400:, 400:], SKIN[400:, 400:], atol=0.01)


def test_stronger_colours_than_nearby_are_weakened_to_a_little_more() -> None:
    limited = limit_color(with_mouth((250, 100, 100)), SKIN, 255)
    red = chroma(limited)[INSIDE][..., 0]
    np.testing.assert_allclose(red, chroma(SKIN)[0, 0, 0] + 0.02 * 255, atol=0.5)


@pytest.mark.parametrize("color", [(238, 233, 228), (72, 60, 55), (220, 200, 190)])
def test_white_teeth_and_dark_eyes_stay_what_they_are(color: tuple[float, float, float]) -> None:
    restored = with_mouth(color)
    np.testing.assert_allclose(limit_color(restored, SKIN, 255), restored, atol=12)


def test_colours_that_the_photo_has_nearby_may_stay() -> None:
    restored, photo = with_mouth((60, 90, 200)), SKIN.copy()
    photo[230:290, 200:300] = (60, 90, 200)
    np.testing.assert_allclose(limit_color(restored, photo, 255)[INSIDE], restored[INSIDE], atol=0.01)


def test_noise_in_the_photo_allows_no_colours() -> None:
    noisy = SKIN + np.random.default_rng(0).normal(0, 18, SKIN.shape).astype(np.float32)
    limited = limit_color(with_mouth((120, 200, 210)), noisy, 255)
    assert chroma(limited)[INSIDE][..., 0].min() > -4


def test_a_grey_photo_stays_exactly_grey() -> None:
    reference = grey_photo().astype(np.float32)
    restored = smooth_photo(400, 300, 5).astype(np.float32)
    kept = keep_color(restored, reference, monochrome=True)
    np.testing.assert_allclose(kept - kept[..., :1], 0, atol=1e-3)
    np.testing.assert_allclose(luma(kept), luma(restored), atol=0.01)


def test_a_sepia_photo_keeps_its_tone_at_every_brightness() -> None:
    grey = grey_photo()
    reference = sepia(grey).astype(np.float32)
    brighter = np.clip(reference.mean(axis=2, keepdims=True).repeat(3, axis=2) * 1.15, 0, 255)
    kept = keep_color(brighter.astype(np.float32), reference, monochrome=True)
    chroma = kept - luma(kept)[..., None]
    expected = reference - luma(reference)[..., None]
    assert np.corrcoef(chroma[..., 2].ravel(), expected[..., 2].ravel())[0, 1] > 0.9
    assert np.abs(chroma.mean(axis=(0, 1)) - expected.mean(axis=(0, 1))).max() < 4


def test_a_colour_cast_is_undone_and_fine_colour_is_kept() -> None:
    reference = smooth_photo(512, 512, 3).astype(np.float32)
    fine = np.zeros_like(reference)
    fine[::2, :, 0] += 20
    fine[1::2, :, 0] -= 20
    cast = np.array([25, 0, -25], np.float32)
    kept = keep_color(reference + fine + cast, reference, monochrome=False)
    chroma = kept - luma(kept)[..., None]
    expected = reference - luma(reference)[..., None]
    assert np.abs((chroma - expected).mean(axis=(0, 1))).max() < 0.5
    assert (chroma[::2, :, 0] - chroma[1::2, :, 0]).mean() > 20


@pytest.mark.parametrize("level", [4.0, 12.0])
def test_grain_reaches_the_level_of_the_photo(level: float) -> None:
    rng = np.random.default_rng(0)
    photo = (128 + rng.normal(0, level, (300, 300, 1))).repeat(3, axis=2).astype(np.float32)
    face = np.full_like(photo, 128)
    assert add_grain(face, photo, 1, seed=1).std() == pytest.approx(level, rel=0.2)


def test_grain_is_never_taken_away_and_repeats_with_its_seed() -> None:
    rng = np.random.default_rng(0)
    noisy = (128 + rng.normal(0, 9, (200, 200, 1))).repeat(3, axis=2).astype(np.float32)
    clean = np.full_like(noisy, 128)
    np.testing.assert_array_equal(add_grain(noisy, clean, 1, seed=3), noisy)
    np.testing.assert_array_equal(add_grain(clean, noisy, 1, 3), add_grain(clean, noisy, 1, 3))
    assert (add_grain(clean, noisy, 1, 3) != add_grain(clean, noisy, 1, 4)).any()
