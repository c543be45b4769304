"""Is a face good enough to learn from? Measures of an aligned crop, and the judgement that follows from them.

The limits were set on the 3667 sharp, aligned faces of the project's training collection; a number
given below was measured there (sharpness on 150, poses on 350 of them, drawn at random).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from core.alignment import invert, transform
from core.color import is_one_tone, luma
from core.types import CROP_SIZE, Matrix

Crop = npt.NDArray[np.uint8]
"""An aligned crop, RGB, (512, 512, 3), uint8."""

DUPLICATE_BITS = 32
"""Two faces whose hashes differ in at most this many of 255 bits are near-duplicates.

Measured: the same picture, saved again as JPEG of quality 40 or at 200 px, differs in at most 6 bits; lightened,
compressed and aligned about 1 degree, 1 % and 2.5 px otherwise, in 21 (median) to 40 (95 %). Real photos saved
again at 80 %, brighter and as JPEG of quality 60, or cropped, and their faces found anew: 10 and 8 bits (median),
25 (90 %); the closest two of 60 different faces among them: 48. Of the 6.7 million pairs of different pictures in
the collection 28 are within the limit. A hash of 64 bits does not separate the two, for aligned faces resemble
each other: 1600 of those pairs are as close as copies are.
"""

_FACE = slice(150, 420), slice(130, 382)  # rows, columns of the crop: brows to chin, no background
_NOSE_LENGTH = 0.45  # how far the nose tip stands out, in eye distances and in eye-to-mouth distances
_NOSE_HEIGHT = 0.555  # of the way from eyes to mouth: the median of the faces measured
_HASH_SIDE = 16


class Reason(StrEnum):
    """Why a face is left out."""

    SMALL = "too small"
    BLURRED = "blurred"
    POSE = "extreme pose"
    CUT = "cut by the border"
    DUPLICATE = "near-duplicate"
    GREY = "grey"
    MISSING = "its image is gone"


@dataclass(frozen=True)
class Limits:
    """What a face must reach.

    min_size: side of the crop's square in photo pixels (256: half the crop's resolution).
    min_sharpness: see `sharpness`.
    max_angle: estimated turn of the head in degrees; 99 % of the faces measured are below 45.
    max_outside: share of the crop that lies outside the photo.
    keep_grey: take faces without colour too.
    """

    min_size: float = 256.0
    min_sharpness: float = -3.2
    max_angle: float = 45.0
    max_outside: float = 0.1
    keep_grey: bool = False


@dataclass(frozen=True)
class Measures:
    """What was measured of a face.

    native_size: side of the crop's square in photo pixels. sharpness: see there. angle: degrees. outside: share
    of the crop outside the photo, in [0, 1]. grey: it has no colour beside one tone. hash: see
    `perceptual_hash`.
    """

    native_size: float
    sharpness: float
    angle: float
    outside: float
    grey: bool
    hash: str


def measure(crop: Crop, landmarks: npt.NDArray[np.float64], matrix: Matrix, size: tuple[int, int]) -> Measures:
    """Measure an aligned crop.

    `landmarks`, (5, 2), are in crop pixels; `matrix` maps photo to crop pixels; `size` is the photo's (width,
    height).
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    brightness = luma(crop.astype(np.float32))
    return Measures(
        native_size=round(CROP_SIZE / scale, 1),
        sharpness=round(sharpness(brightness), 2),
        angle=round(head_angle(landmarks), 1),
        outside=round(share_outside(matrix, size), 3),
        # is_monochrome, which is for whole photos, takes 5 % of the colour crops for grey; this none.
        grey=is_one_tone(crop),
        hash=perceptual_hash(brightness),
    )


def judge(measures: Measures, limits: Limits) -> list[Reason]:
    """The reasons against a face, near-duplicates aside; none for a good one."""
    checks = {
        Reason.SMALL: measures.native_size < limits.min_size,
        Reason.BLURRED: measures.sharpness < limits.min_sharpness,
        Reason.POSE: measures.angle > limits.max_angle,
        Reason.CUT: measures.outside > limits.max_outside,
        Reason.GREY: measures.grey and not limits.keep_grey,
    }
    return [reason for reason, failed in checks.items() if failed]


def sharpness(brightness: npt.NDArray[np.float32]) -> float:
    """How much fine structure the middle of a face has: log10 of a ratio of spectral powers, higher is sharper.

    `brightness` is the luma of a crop, (512, 512) in [0, 255]. The mean power per frequency between 0.125 and
    0.25 cycles a pixel (what a face of 256 photo pixels can just hold), less that of the noise (measured above
    0.42), is divided by that between 0.02 and 0.0625; of four directions the weakest counts, so that motion blur
    is found and grain is not taken for detail.

    Measured medians (5 % to 95 %): sharp -2.54 (-2.84 to -2.11); reduced to 256 px and enlarged -2.72 (-3.01 to
    -2.27), to 192 px -3.03 (-3.31 to -2.57), to 128 px -3.45 (-3.69 to -3.10); Gaussian blur of sigma 1.5 px -3.44
    (-3.71 to -3.05), 2 px -4.02 (-4.28 to -3.62), 3 px -5.17; motion blur of 9 px -4.16 (-4.58 to -3.57). Blur of
    4 px under noise of 5 to 20 grey levels: below -16. The limit of -3.2 keeps 99 % of the sharp and of the 256 px
    faces and leaves out 99 % from sigma 2 or a motion of 9 px on. A face of less than about 430 photo pixels has
    nothing above 0.42 once it is enlarged: its grain is still taken for detail.
    """
    face = brightness[_FACE]
    window, fine, coarse, noise = _spectral_bands(face.shape)
    power = np.abs(np.fft.fft2((face - face.mean()) * window)) ** 2
    floor = power[noise].mean()
    weakest = min(power[sector].mean() for sector in fine) - floor
    return float(np.log10(max(weakest, 1e-12) / max(power[coarse].mean(), 1e-6)))


@functools.cache
def _spectral_bands(
    shape: tuple[int, int],
) -> tuple[npt.NDArray[np.float64], list[npt.NDArray[np.bool_]], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    window = np.hanning(shape[0])[:, None] * np.hanning(shape[1])
    y, x = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None]
    radius, direction = np.hypot(x, y), np.degrees(np.arctan2(y, x)) % 180
    fine = (radius > 0.125) & (radius < 0.25)
    sectors = [fine & (np.abs((direction - centre + 90) % 180 - 90) <= 22.5) for centre in (0, 45, 90, 135)]
    return window, sectors, (radius > 0.02) & (radius < 0.0625), (radius > 0.42) & (radius < 0.5)


def head_angle(landmarks: npt.NDArray[np.float64]) -> float:
    """A rough estimate of how far a head is turned or nodded away from the camera, in degrees.

    From where the nose tip, (5, 2) landmarks as in `core.types.Face`, lies between eyes and mouth; a tilt of
    the head in the picture's plane does not count.
    """
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    across, down = right_eye - left_eye, mouth - eyes
    sideways = (nose - eyes) @ across / max(float(across @ across), 1e-9)
    height = (nose - eyes) @ down / max(float(down @ down), 1e-9)
    tangents = np.array([sideways, height - _NOSE_HEIGHT]) / _NOSE_LENGTH
    return float(np.hypot(*np.degrees(np.arctan(tangents))))


def share_outside(matrix: Matrix, size: tuple[int, int]) -> float:
    """The share of a crop's square, in [0, 1], outside a photo of (width, height) `size`."""
    low, high = -0.5, CROP_SIZE - 0.5
    square = transform(invert(matrix), np.array([[low, low], [high, low], [high, high], [low, high]]))
    right, bottom = size[0] - 0.5, size[1] - 0.5
    photo = np.array([[-0.5, -0.5], [right, -0.5], [right, bottom], [-0.5, bottom]])
    inside, _ = cv2.intersectConvexConvex(square.astype(np.float32), photo.astype(np.float32))
    return float(np.clip(1 - inside / cv2.contourArea(square.astype(np.float32)), 0, 1))


def perceptual_hash(brightness: npt.NDArray[np.float32]) -> str:
    """A hash of 255 bits that similar pictures share most of, as 64 hexadecimal digits (the last bit is 0).

    The signs, against their median, of the 16 x 16 lowest frequencies but the mean (pHash, Zauner 2010) of the
    luma, (512, 512), at 64 x 64 px.
    """
    small = cv2.resize(brightness, (64, 64), interpolation=cv2.INTER_AREA)
    frequencies = cv2.dct(small)[:_HASH_SIDE, :_HASH_SIDE].ravel()[1:]
    return np.packbits(frequencies > np.median(frequencies)).tobytes().hex()


class Duplicates:
    """Finds near-duplicates among the faces that it was given."""

    def __init__(self, known: Iterable[tuple[str, str]] = ()) -> None:
        self._known = [(int(digits, 16), name) for digits, name in known]

    def find(self, digits: str) -> str | None:
        """The name of the first face given that is a near-duplicate of a face with this hash, or None."""
        bits = int(digits, 16)
        return next((name for other, name in self._known if (bits ^ other).bit_count() <= DUPLICATE_BITS), None)

    def add(self, digits: str, name: str) -> None:
        """Remember a face by its hash."""
        self._known.append((int(digits, 16), name))


def explain(reason: str, measures: Measures, limits: Limits, duplicate_of: str | None = None) -> str:
    """A reason with its number, for people: "too small (142 px, not 256)"."""
    details = {
        Reason.SMALL: f"{measures.native_size:.0f} px, not {limits.min_size:.0f}",
        Reason.BLURRED: f"sharpness {measures.sharpness:.1f}, not {limits.min_sharpness:.1f}",
        Reason.POSE: f"turned by about {measures.angle:.0f} degrees",
        Reason.CUT: f"{measures.outside:.0%} outside the photo",
        Reason.DUPLICATE: f"of {duplicate_of}",
    }
    detail = details.get(Reason(reason))
    return f"{reason} ({detail})" if detail else str(reason)
