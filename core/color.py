"""Whose colours and whose grain a restored face has.

Images are float32 RGB, shape (h, w, 3), in the units of the photo. Luma is Rec. 601's, (h, w); chroma is what is
left of each channel without it (three numbers whose luma is 0).
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from core.types import FloatImage, Pixels

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_CHROMA_BLUR = 0.03  # sigma, of the picture's side: finer colour is the model's own
# Chosen by eye, so that held-out faces lose nothing that can be measured.
_COARSE = 128  # px, side of the thumbnail in which colours are looked for
_CHROMA_NOISE = 0.012  # sigma, of the picture's side: finer colour in a photo is noise
_NEIGHBOURHOOD = 0.06  # either way, of the picture's side
_COLOR_ROOM, _COLOR_SHARE = 0.02, 0.25  # beyond the colours nearby: of full scale, and of their range
_PALE = 0.3  # of the colours nearby: white teeth in warm light

_NO_COLOR = 0.006  # of full scale, RMS of chroma that does not follow luma: surely one tone
_LITTLE_COLOR = 0.012  # one tone in a whole photo
_STRONG_TONE = 0.02, 0.48  # one tone in a whole photo if luma also explains this much of the chroma
# Colours of a face in a photo that passes for monochrome: RMS as above without noise, and its share of all chroma.
# 142 faces of 96 real photos do so. Toned, stained and halftone ones have at most 0.0110 or at most 0.175 of their
# chroma; those in weak or warm colours at least 0.0132 and 0.193, but one (0.0097 and 0.174).
_FACE_COLOR = 0.012, 0.18
_LARGE = 1024  # px, short side from which a picture is halved before it is judged
_GRAIN_WIDTH = 2.0  # sigma in photo pixels: what is coarser is no grain


def luma(image: FloatImage) -> FloatImage:
    """Rec. 601 luma, shape (h, w)."""
    return np.asarray(image @ _LUMA, np.float32)


def is_monochrome(photo: Pixels) -> bool:
    """Whether a photo is grey, or toned in one colour (sepia, blue), stains and scanner noise aside."""
    rest, whole = _chroma_beyond_tone(photo)
    limit, share = _STRONG_TONE
    return rest < _LITTLE_COLOR or (rest < limit and rest < share * whole)


def is_one_tone(crop: Pixels) -> bool:
    """Whether a crop has no colour beside one tone: a grey portrait in a photo that has colour elsewhere.

    Stricter than `is_monochrome`, for the colours of a living face in warm light come close to one tone.
    """
    return _chroma_beyond_tone(crop)[0] < _NO_COLOR


def has_color(crop: Pixels) -> bool:
    """Whether a crop has colours beside one tone, though its photo passes for monochrome: lips and eyes of a
    portrait whose colours are weak, or mostly those of warm light. Stains and noise in colour are none."""
    rest, whole = _chroma_beyond_tone(crop, _CHROMA_NOISE)
    limit, share = _FACE_COLOR
    return rest > limit and rest > share * whole


def _chroma_beyond_tone(image: Pixels, blur: float = 0.0) -> tuple[float, float]:
    """RMS of the chroma that does not follow from the luma, and of all chroma, as parts of full scale; after a
    Gaussian blur with a sigma of `blur` of the picture's side."""
    side = _COARSE
    thumbnail = np.asarray(cv2.resize(_halved(image), (side, side), interpolation=cv2.INTER_AREA), np.float32)
    small: FloatImage = (thumbnail / np.iinfo(image.dtype).max).astype(np.float32)
    if blur > 0:
        small = np.asarray(cv2.GaussianBlur(small, (0, 0), blur * side), np.float32)
    brightness = luma(small)
    chroma = small - brightness[..., None]
    rest = chroma - _tone(chroma, brightness)(brightness)
    return float(np.sqrt(np.mean(rest**2))), float(np.sqrt(np.mean(chroma**2)))


def _halved(image: Pixels) -> Pixels:
    """A large picture halved until it is just large enough for a faithful thumbnail: averages of four pixels are
    several times cheaper than those of a whole thumbnail's pixel."""
    while min(image.shape[:2]) >= _LARGE:
        height, width = image.shape[0] // 2, image.shape[1] // 2
        image = cast(
            Pixels, cv2.resize(image[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
        )
    return image


def keep_color(restored: FloatImage, reference: FloatImage, monochrome: bool) -> FloatImage:
    """`restored` with the colours of `reference` (same shape).

    In a colour photo the low frequencies of the chroma are taken from the reference (paper section 3.3
    leaves colour enhancement to the prior; this undoes it). In a monochrome one the chroma is the tone of
    the reference at the restored brightness, so that a grey photo stays exactly grey.
    """
    brightness, reference_brightness = luma(restored), luma(reference)
    reference_chroma = reference - reference_brightness[..., None]
    if monochrome:
        tone = _tone(reference_chroma, reference_brightness)
        chroma, change = tone(brightness), reference_chroma - tone(reference_brightness)
    else:
        chroma = restored - brightness[..., None]
        change = reference_chroma - chroma
    sigma = _CHROMA_BLUR * restored.shape[0]
    smooth = cv2.GaussianBlur(change, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(brightness[..., None] + chroma + smooth, np.float32)


def limit_color(restored: FloatImage, reference: FloatImage, white: float) -> FloatImage:
    """`restored` without colours that `reference` (same shape, full scale `white`) has nowhere near.

    Networks give teeth, eyelids and lips colours of their own, cyan say, where a blurred photo has none. The
    chroma of each channel stays within what the reference has nearby (or a little more: blur took the extremes),
    or nearly grey, as teeth and eyes are. The luma stays what it is.
    """
    small, photo = (
        np.asarray(cv2.resize(image, (_COARSE, _COARSE), interpolation=cv2.INTER_AREA), np.float32)
        for image in (restored, reference)
    )
    photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), _CHROMA_NOISE * _COARSE), np.float32)
    chroma, nearby = (image - luma(image)[..., None] for image in (small, photo))
    window = np.ones(2 * (2 * round(_NEIGHBOURHOOD * _COARSE) + 1,), np.uint8)
    lowest, highest = cv2.erode(nearby, window), cv2.dilate(nearby, window)
    room = _COLOR_ROOM * white + _COLOR_SHARE * (highest - lowest)
    least, most = (
        cv2.GaussianBlur(bound, (0, 0), _NEIGHBOURHOOD * _COARSE / 3)
        for bound in (np.minimum(lowest - room, _PALE * lowest), np.maximum(highest + room, _PALE * highest))
    )
    limited = np.clip(chroma, least, most)
    # Weighed by the luma's weights the three channels of a chroma sum up to 0.
    green = -(limited[..., ::2] @ _LUMA[::2]) / _LUMA[1]
    limited[..., 1] = np.clip(green, least[..., 1], most[..., 1])
    limited[..., 0] = -(limited[..., 1:] @ _LUMA[1:]) / _LUMA[0]
    return np.asarray(restored + cv2.resize(limited - chroma, restored.shape[1::-1]), np.float32)


class _Tone:
    """Chroma as a quadratic function of luma, held constant outside the luma it was fitted to."""

    def __init__(self, coefficients: npt.NDArray[np.float64], low: float, high: float) -> None:
        self._coefficients, self._low, self._high = coefficients, low, high

    def __call__(self, brightness: FloatImage) -> FloatImage:
        value = np.clip(brightness, self._low, self._high)[..., None].astype(np.float64)
        square, slope, constant = self._coefficients
        return np.asarray((square * value + slope) * value + constant, np.float32)


def _tone(chroma: FloatImage, brightness: FloatImage) -> _Tone:
    low, high = np.percentile(brightness, (1, 99))
    if high - low < 1e-6:
        return _Tone(np.stack([np.zeros(3), np.zeros(3), chroma.reshape(-1, 3).mean(axis=0)]), low, high)
    values, targets = brightness.ravel().astype(np.float64), chroma.reshape(-1, 3).astype(np.float64)
    # Not polyfit, which warns where a picture has two shades alone.
    fit = np.linalg.lstsq(np.vander(values, 3), targets, rcond=None)[0]
    return _Tone(np.asarray(fit, np.float64), low, high)


def add_grain(face: FloatImage, photo: FloatImage, pixel: float, seed: int) -> FloatImage:
    """`face` with luminance grain up to the level of `photo` (same shape), from a seeded generator.

    The grain has the photo's own spectrum: its fine residual with the phases drawn at random. `pixel` is how
    many of these pixels one pixel of the scan spans (the enlargement).
    """
    residual, level = _grain(photo, pixel)
    missing = level**2 - _grain(face, pixel)[1] ** 2
    if missing <= 0:
        return face
    spectrum = np.abs(np.fft.rfft2(residual))
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, spectrum.shape)
    grain = np.fft.irfft2(spectrum * np.exp(1j * phase), s=residual.shape)
    grain *= missing**0.5 / max(float(grain.std()), 1e-6)
    return np.asarray(face + grain[..., None], np.float32)


def _grain(image: FloatImage, pixel: float) -> tuple[FloatImage, float]:
    """The fine residual of a picture's luma with edges cut down, shape (h, w), and the level of its noise."""
    brightness = luma(image)
    residual = brightness - cv2.GaussianBlur(brightness, (0, 0), _GRAIN_WIDTH * pixel)
    level = noise_level(residual)
    return np.asarray(np.clip(residual, -2.5 * level, 2.5 * level), np.float32), level


def noise_level(residual: FloatImage) -> float:
    """The standard deviation of noise among edges: 1.4826 times the median of the absolute values, which edges
    hardly move."""
    sizes = np.abs(residual).ravel()
    middle = sizes.size // 2
    # numpy's own median parts at two places at once, which takes ten times as long.
    sizes.partition(middle)
    median = sizes[middle] if sizes.size % 2 else (sizes[:middle].max() + sizes[middle]) / 2
    return 1.4826 * float(median)
