"""What the measures say of pictures whose answer is known."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alignment import FFHQ_TEMPLATE, invert, rescaled
from trainer.quality import (
    DUPLICATE_BITS,
    Duplicates,
    Limits,
    Measures,
    Reason,
    explain,
    head_angle,
    judge,
    measure,
    perceptual_hash,
    share_outside,
    sharpness,
)

GOOD = Measures(native_size=400, sharpness=-2.5, angle=5, outside=0, grey=False, hash="0" * 64)


def textured(seed: int = 0, slope: float = 1.6) -> np.ndarray:
    """Luma with a spectrum like that of a photo: amplitude falling as frequency ** -slope."""
    spectrum = np.fft.fft2(np.random.default_rng(seed).standard_normal((512, 512)))
    radius = np.hypot(np.fft.fftfreq(512)[:, None], np.fft.fftfreq(512)[None])
    radius[0, 0] = 1
    picture = np.fft.ifft2(spectrum / radius**slope).real
    return np.clip(128 + 40 * picture / picture.std(), 0, 255).astype(np.float32)


def blurred(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def test_sharpness_falls_with_blur_and_reaches_the_limit_by_two_pixels() -> None:
    values = [sharpness(blurred(textured(), sigma)) for sigma in (0.01, 1.0, 1.5, 2.0, 3.0)]
    assert values == sorted(values, reverse=True)
    assert values[0] > Limits().min_sharpness > values[3]


def test_half_the_resolution_is_sharp_enough_and_a_quarter_is_not() -> None:
    def enlarged_from(side: int) -> np.ndarray:
        small = cv2.resize(textured(), (side, side), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (512, 512), interpolation=cv2.INTER_CUBIC)

    assert sharpness(enlarged_from(256)) > Limits().min_sharpness > sharpness(enlarged_from(128))


@pytest.mark.parametrize("axis", [0, 1])
def test_motion_in_one_direction_is_blur(axis: int) -> None:
    kernel = np.full((11, 1) if axis else (1, 11), 1 / 11)
    assert sharpness(cv2.filter2D(textured(), -1, kernel)) < Limits().min_sharpness


@pytest.mark.parametrize("level", [5, 10, 20])
def test_grain_is_no_detail(level: float) -> None:
    grain = np.random.default_rng(1).normal(0, level, (512, 512))
    assert sharpness((blurred(textured(), 4) + grain).astype(np.float32)) < Limits().min_sharpness
    assert sharpness((textured() + grain / 2).astype(np.float32)) > Limits().min_sharpness


@given(brightness=st.floats(0, 255))
def test_a_picture_of_nothing_is_not_sharp(brightness: float) -> None:
    assert sharpness(np.full((512, 512), brightness, np.float32)) < Limits().min_sharpness


def test_the_angle_follows_the_nose_and_not_the_tilt() -> None:
    assert head_angle(FFHQ_TEMPLATE) < 5
    eye_distance = 126.0
    for sideways, degrees in ((0.2, 24), (0.45, 45), (0.8, 61)):
        turned = FFHQ_TEMPLATE.copy()
        turned[2, 0] += sideways * eye_distance
        assert head_angle(turned) == pytest.approx(degrees, abs=3)
        assert head_angle(turned @ [[0, -1], [1, 0]]) == pytest.approx(head_angle(turned))
    nodding = FFHQ_TEMPLATE.copy()
    nodding[2, 1] += 70
    assert head_angle(nodding) > Limits().max_angle
    assert np.isfinite(head_angle(np.zeros((5, 2))))


@pytest.mark.parametrize(
    ("crop_in_photo", "size", "share"),
    [
        ([[1, 0, 100], [0, 1, 50]], (800, 700), 0.0),
        ([[1, 0, -256], [0, 1, 0]], (800, 700), 0.5),
        ([[1, 0, 288], [0, 1, 444]], (544, 700), 0.75),
        ([[0.5, 0, 0], [0, 0.5, 0]], (256, 128), 0.5),
        ([[1, 0, 9000], [0, 1, 0]], (800, 700), 1.0),
        ([[0, -1, 512], [1, 0, 0]], (512, 512), 0.0),
    ],
)
def test_the_share_outside_the_photo(crop_in_photo: list, size: tuple[int, int], share: float) -> None:
    matrix = invert(np.array(crop_in_photo, np.float64))
    assert share_outside(matrix, size) == pytest.approx(share, abs=0.01)


def test_copies_share_their_hash_and_others_do_not() -> None:
    picture = textured(slope=2.0)
    first = perceptual_hash(picture)
    assert len(first) == 64
    found = Duplicates([(first, "first.png")])
    _, packed = cv2.imencode(".jpg", picture.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 40])
    darker = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.float32) * 0.8
    small = cv2.resize(cv2.resize(picture, (200, 200), interpolation=cv2.INTER_AREA), (512, 512))
    moved = cv2.warpAffine(picture, np.array([[1, 0, 2.0], [0, 1, 1.0]]), (512, 512))
    for copy in (picture, darker, small, moved):
        assert found.find(perceptual_hash(copy)) == "first.png"
    for seed in range(1, 20):
        assert found.find(perceptual_hash(textured(seed, slope=2.0))) is None
    found.add(perceptual_hash(textured(1, slope=2.0)), "second.png")
    assert found.find(perceptual_hash(textured(1, slope=2.0))) == "second.png"


@given(flips=st.sets(st.integers(0, 255), max_size=64))
def test_the_limit_of_duplicates_is_a_number_of_bits(flips: set[int]) -> None:
    bits = sum(1 << place for place in flips)
    found = Duplicates([("0" * 64, "a")]).find(f"{bits:064x}")
    assert (found == "a") == (len(flips) <= DUPLICATE_BITS)


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"native_size": 255}, Reason.SMALL, "too small (255 px, not 256)"),
        ({"sharpness": -4.0}, Reason.BLURRED, "blurred (sharpness -4.0, not -3.2)"),
        ({"angle": 50}, Reason.POSE, "extreme pose (turned by about 50 degrees)"),
        ({"outside": 0.2}, Reason.CUT, "cut by the border (20% outside the photo)"),
        ({"grey": True}, Reason.GREY, "grey"),
    ],
)
def test_each_limit_is_one_reason(change: dict, reason: Reason, words: str) -> None:
    assert judge(GOOD, Limits()) == []
    bad = Measures(**{**vars(GOOD), **change})
    assert judge(bad, Limits()) == [reason]
    assert explain(reason, bad, Limits()) == words
    lenient = Limits(min_size=1, min_sharpness=-20, max_angle=90, max_outside=1, keep_grey=True)
    assert judge(bad, lenient) == []


def test_a_crop_is_measured_in_photo_pixels() -> None:
    crop = np.repeat(textured().astype(np.uint8)[..., None], 3, axis=2)
    measures = measure(crop, FFHQ_TEMPLATE, rescaled(np.eye(2, 3), target=2), (256, 256))
    assert measures.native_size == 256
    assert measures.outside == 0
    assert measures.grey
    tinted = crop.copy()
    tinted[:256, :, 2] //= 2
    assert not measure(tinted, FFHQ_TEMPLATE, np.eye(2, 3), (512, 512)).grey
