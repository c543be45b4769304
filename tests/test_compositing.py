"""Restored crops go back into the photo without a trace of where they end."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alignment import resize_crop
from core.canvas import FaceLayers
from core.color import is_monochrome, luma
from core.detail import detail_weight
from core.enlargement import enlarged, enlarged_part
from core.types import BlendOptions, ColorMode, FaceCrop, Photo, Region
from tests.conftest import crop_of, face_at, flat, smooth_photo

MODEL = BlendOptions(color=ColorMode.MODEL, keep_detail=False)


def composed(photo: np.ndarray, *crops: FaceCrop, blend: BlendOptions = MODEL, upscale: int = 1) -> np.ndarray:
    picture = enlarged(photo, upscale)
    FaceLayers(photo, crops, upscale, monochrome=False).lay(picture, [blend] * len(crops))
    return picture


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_only_the_region_of_the_face_is_touched(dtype: type) -> None:
    photo = smooth_photo(900, 700, dtype=dtype)
    full = np.iinfo(dtype).max
    face = face_at(300, 250, 260, degrees=20)
    out = composed(photo, crop_of(photo, face, flat((full, 0, 0), dtype)))
    changed = (out != photo).any(axis=2)
    ys, xs = np.nonzero(changed)
    assert out.dtype == dtype
    assert np.hypot(xs - 300, ys - 250).max() < 260 * 0.5 * 2**0.5
    assert out[250, 300, 0] > 0.99 * full
    assert out[250, 300, 1] < 0.01 * full


@pytest.mark.parametrize("degrees", [0, 33, 90, 180, -135])
def test_no_edge_of_the_box_is_visible(degrees: float) -> None:
    photo = np.full((700, 700, 3), 100, np.uint8)
    out = composed(photo, crop_of(photo, face_at(350, 350, 400, degrees), flat((200, 200, 200)))).astype(int)
    steps = max(np.abs(np.diff(out, axis=0)).max(), np.abs(np.diff(out, axis=1)).max())
    # The whole step of 100 levels is spread over a feather; a box edge would show as tens of levels at once.
    assert steps <= 6
    assert out.max() > 198


def test_a_crop_that_is_the_photo_changes_nothing_visible() -> None:
    photo = smooth_photo(800, 800)
    crop = crop_of(photo, face_at(400, 380, 300, 15))
    restored = FaceCrop(crop.face, crop.matrix, crop.pixels, crop.pixels)
    difference = np.abs(composed(photo, restored).astype(int) - photo)
    assert difference.max() <= 2


@pytest.mark.parametrize("upscale", [1, 2, 4])
def test_the_face_lies_in_the_same_place_at_every_enlargement(upscale: int) -> None:
    photo = np.full((300, 400, 3), 90, np.uint8)
    out = composed(photo, crop_of(photo, face_at(220, 140, 160), flat((250, 90, 90))), upscale=upscale)
    assert out.shape == (300 * upscale, 400 * upscale, 3)
    red = out[..., 0].astype(float) - 90
    ys, xs = np.mgrid[: out.shape[0], : out.shape[1]]
    x = ((xs * red).sum() / red.sum() + 0.5) / upscale - 0.5
    y = ((ys * red).sum() / red.sum() + 0.5) / upscale - 0.5
    reference = composed(photo, crop_of(photo, face_at(220, 140, 160), flat((250, 90, 90))))
    red1 = reference[..., 0].astype(float) - 90
    ys1, xs1 = np.mgrid[:300, :400]
    assert x == pytest.approx((xs1 * red1).sum() / red1.sum(), abs=0.15)
    assert y == pytest.approx((ys1 * red1).sum() / red1.sum(), abs=0.15)


def test_strength_zero_is_the_photo_bit_for_bit() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (400, 500, 3), np.uint8)
    crop = crop_of(photo, face_at(200, 200, 220), flat((255, 0, 255)))
    for blend in (BlendOptions(0.0), BlendOptions(0.0, ColorMode.KEEP, match_grain=True)):
        np.testing.assert_array_equal(composed(photo, crop, blend=blend), photo)


@settings(deadline=None, max_examples=25)
@given(low=st.floats(0, 1), high=st.floats(0, 1), seed=st.integers(0, 99))
def test_strength_moves_every_pixel_one_way(low: float, high: float, seed: int) -> None:
    low, high = sorted((low, high))
    photo = smooth_photo(300, 300, seed)
    crop = crop_of(photo, face_at(150, 150, 200), smooth_photo(512, 512, seed + 100))
    weak, strong, whole = (
        composed(photo, crop, blend=BlendOptions(s, ColorMode.MODEL)).astype(int) for s in (low, high, 1.0)
    )
    assert (np.abs(strong - photo) + 1 >= np.abs(weak - photo)).all()
    assert (np.sign(weak - photo) * np.sign(whole - photo) >= 0).all()


@pytest.mark.parametrize("toned", [False, True])
def test_a_face_keeps_its_colours_in_a_photo_that_passes_for_monochrome(toned: bool, wallet_photo: Photo) -> None:
    photo = cv2.resize(wallet_photo.rgb[10:120, 95:200], (512, 512), interpolation=cv2.INTER_CUBIC)
    if toned:
        photo = (luma(photo)[..., None] * np.array([1.0, 0.85, 0.7])).astype(np.uint8)
    assert is_monochrome(photo)
    # Lips of another colour than the skin of their brightness would be lost in one tone.
    redder, out = photo.copy(), photo.copy()
    redder[330:370, 200:310] = np.clip(redder[330:370, 200:310] + np.array([12.0, -4.0, -8.0]), 0, 255)
    crop = crop_of(photo, face_at(255, 255, 512), redder)
    FaceLayers(photo, [crop], 1, is_monochrome(photo)).lay(out, [BlendOptions(keep_detail=False)])
    gained = (out.astype(int) - photo)[340:360, 230:280].mean(axis=(0, 1))
    assert (gained[0] - gained[2] > 8) == (not toned)


def test_of_two_overlapping_faces_the_larger_is_on_top_in_any_order() -> None:
    photo = np.full((500, 600, 3), 128, np.uint8)
    small = crop_of(photo, face_at(250, 250, 200), flat((255, 0, 0)))
    large = crop_of(photo, face_at(300, 250, 320), flat((0, 0, 255)))
    one, other = composed(photo, small, large), composed(photo, large, small)
    np.testing.assert_array_equal(one, other)
    assert one[250, 280, 2] > 250
    assert one[250, 280, 0] < 5


def high_frequencies(image: np.ndarray) -> float:
    grey = image.astype(np.float32).mean(axis=2)
    return float((grey - cv2.GaussianBlur(grey, (0, 0), 1.0)).std())


def grainy_photo(size: int, level: float = 25) -> np.ndarray:
    noise = np.random.default_rng(11).normal(0, level, (size, size, 1))
    return np.clip(smooth_photo(size, size) + noise, 0, 255).astype(np.uint8)


def sharp_photo(size: int) -> np.ndarray:
    """Smooth skin and fine hairs."""
    photo, rng = smooth_photo(size, size), np.random.default_rng(11)
    for x, y in rng.integers(0, size, (size * size // 1500, 2)).tolist():
        end = x + int(rng.integers(-25, 26)), y + int(rng.integers(-25, 26))
        cv2.line(photo, (x, y), end, rng.integers(20, 235, 3).tolist(), 1, cv2.LINE_AA)
    return photo


@pytest.mark.parametrize("network_size", [256, 512])
def test_a_face_larger_than_the_network_never_comes_out_softer(network_size: int) -> None:
    photo = sharp_photo(1400)
    crop = crop_of(photo, face_at(700, 700, 1100), network_size=network_size)
    seen = resize_crop(resize_crop(crop.pixels.astype(np.float32), network_size), 512)
    faithful = FaceCrop(
        crop.face, crop.matrix, crop.pixels, np.rint(seen.clip(0, 255)).astype(np.uint8), network_size
    )
    inside = np.s_[550:850, 550:850]
    before = high_frequencies(photo[inside])
    with_detail = composed(photo, faithful, blend=BlendOptions(color=ColorMode.MODEL))[inside]
    without = composed(photo, faithful)[inside]
    assert high_frequencies(with_detail) > 0.97 * before
    assert high_frequencies(without) < 0.5 * before
    # A network that changes nothing gives the photo back, to rounding.
    assert np.abs(with_detail.astype(int) - photo[inside]).mean() < 1.5


def test_a_large_face_gets_its_hairs_back_and_not_its_noise() -> None:
    smooth, clean, photo = smooth_photo(1400, 1400), smooth_photo(1400, 1400), grainy_photo(1400, 15)
    for picture in (clean, photo):
        for x in range(560, 850, 60):
            cv2.line(picture, (x, 720), (x + 20, 800), (10, 10, 10), 3, cv2.LINE_AA)
    crop, ideal = (crop_of(each, face_at(700, 700, 1100), network_size=256) for each in (photo, smooth))
    out = composed(photo, replace(crop, restored=ideal.pixels), blend=BlendOptions(color=ColorMode.MODEL))
    even, hairs = np.s_[560:680, 560:850], np.s_[730:790, 560:850]
    assert high_frequencies(out[even]) < 0.1 * high_frequencies(photo[even])
    assert high_frequencies(out[hairs]) > 0.45 * high_frequencies(clean[hairs])


def test_a_face_smaller_than_the_network_gets_no_grain_back() -> None:
    photo = grainy_photo(600)
    crop = crop_of(photo, face_at(300, 300, 256), flat((128, 128, 128)))
    assert detail_weight(crop) == 0
    inside = np.s_[280:320, 280:320]
    assert composed(photo, crop, blend=BlendOptions(color=ColorMode.MODEL))[inside].std() < 1


def test_the_detail_comes_in_gradually_with_the_size_of_the_face() -> None:
    photo = sharp_photo(900)
    weights = [detail_weight(crop_of(photo, face_at(450, 450, size))) for size in range(440, 800, 10)]
    assert weights[0] == 0
    assert weights[-1] == 1
    assert np.abs(np.diff(weights)).max() < 0.12
    assert (np.diff(weights) >= 0).all()


def test_grain_is_that_of_the_photo_and_the_same_every_time() -> None:
    rng = np.random.default_rng(2)
    photo = np.clip(120 + rng.normal(0, 12, (500, 500, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)
    crop = crop_of(photo, face_at(250, 250, 300), flat((120, 120, 120)))
    blend = BlendOptions(color=ColorMode.MODEL, match_grain=True)
    out = composed(photo, crop, blend=blend)
    inside, outside = out[210:290, 210:290], photo[:80, :80]
    assert inside.std() == pytest.approx(outside.std(), rel=0.25)
    assert composed(photo, crop)[210:290, 210:290].std() < 1
    np.testing.assert_array_equal(out, composed(photo, crop, blend=blend))


def test_a_face_at_the_corner_of_the_photo_is_pasted_as_far_as_it_goes() -> None:
    photo = smooth_photo(300, 300)
    for x, y in ((0, 0), (299, 0), (0, 299), (299, 299)):
        out = composed(photo, crop_of(photo, face_at(x, y, 200), flat((255, 0, 0))))
        assert out.shape == photo.shape
        assert out[y, x, 0] > 250


@pytest.mark.slow
def test_the_cost_of_a_face_does_not_grow_with_the_photo() -> None:
    # Counted, not timed: nothing of the photo's size is filtered or warped for one face.
    photo = np.zeros((4000, 6000, 3), np.uint8)
    crop = crop_of(photo, face_at(3000, 2000, 200), flat((255, 255, 255)))
    sizes = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("warpAffine", "GaussianBlur", "resize"):
            original = getattr(cv2, name)

            def spy(image, *args, _original=original, **kwargs):
                out = _original(image, *args, **kwargs)
                sizes.append(max(image.size, out.size))
                return out

            patch.setattr(cv2, name, spy)
        layers, picture = FaceLayers(photo, [crop], 1, monochrome=False), enlarged(photo, 1)
        layers.lay(picture, [BlendOptions(match_grain=True)])
    assert sizes
    assert max(sizes) <= 512 * 512 * 3


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@settings(deadline=None, max_examples=60)
@given(
    size=st.tuples(st.integers(1, 50), st.integers(1, 50)),
    upscale=st.sampled_from([1, 2, 4]),
    edges=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_a_part_of_the_enlarged_photo_is_what_the_whole_has_there(
    dtype: type, size: tuple[int, int], upscale: int, edges: tuple[float, ...]
) -> None:
    photo = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (*size, 3), dtype, endpoint=True)
    (left, right), (top, bottom) = (sorted(edges[axis::2]) for axis in (0, 1))
    width, height = size[1] * upscale, size[0] * upscale
    region = Region(int(left * width), int(top * height), int(right * width) + 1, int(bottom * height) + 1)
    region = region.common(Region(0, 0, width, height))
    if region.empty:
        return
    expected = enlarged(photo, upscale)[region.slices()]
    np.testing.assert_array_equal(enlarged_part(photo, upscale, region), expected)
