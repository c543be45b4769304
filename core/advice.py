"""What a user should know about a face before trusting its restoration (the paper names these limits)."""

from __future__ import annotations

import cv2
import numpy as np

from core.identity import is_doubtful
from core.photos.picture import eight_bits
from core.types import Face, FaceCrop, Pixels

TINY_FACE = 28.0
"""Pixels of the box below which there is too little to restore."""

PROFILE = 0.45
"""Nose beyond the middle of the eyes, in eye distances. A nose tip stands out about as far, so this is a head
turned by 45 degrees; 1 % of the training's faces are turned further (`trainer.quality`)."""

SEVERE = -1.34
"""`prominence` below which a face is severely degraded; docs/identity.md has the measurement."""

_FACE = slice(148, 420), slice(128, 384)  # rows, columns of the crop: brows to chin, no background
_QUARTER = 64, 68  # (width, height) of it at which eyes and mouth are a few pixels large
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_NOTHING = 1e-2  # of 255 levels, so that a picture of one tone has ratios too


def face_warnings(face: Face) -> list[str]:
    """Sentences on a face so small that its details are guessed, or turned so far that they look unnatural."""
    warnings = []
    if face.size < TINY_FACE:
        warnings.append(f"it is only {face.size:.0f} px large, so its features are largely invented")
    if _turn(face) > PROFILE:
        warnings.append("it is turned far to the side, where restored features may look unnatural")
    return warnings


def crop_warnings(crop: FaceCrop) -> list[str]:
    """`face_warnings`, and sentences on what its pixels show: that too little of the face is left, and that the
    restored one may pass for another person."""
    warnings = face_warnings(crop.face)
    if crop.face.size >= TINY_FACE and prominence(crop.pixels) < SEVERE:
        warnings.append("it is so blurred or damaged that the restored features are largely guessed")
    if crop.likeness is not None and is_doubtful(crop.likeness):
        warnings.append(
            f"the restored face may pass for another person ({crop.likeness.angle:.0f}° from the photo's); "
            "lower the strength, or try another model"
        )
    return warnings


def prominence(pixels: Pixels) -> float:
    """How far eyes, brows and mouth stand out from the rest of a face: low where blur or noise has swallowed them.

    `pixels` is an aligned crop, (512, 512, 3). log10 of the product of two ratios: the 95th percentile of the
    brightness gradient at a quarter of the size to its median, which noise lowers, and the contrast of fine detail
    to all contrast, which blur lowers. Contrast itself does not count: a faded photo is no blurred one.
    """
    face = (eight_bits(pixels).astype(np.float32) @ _LUMA)[_FACE]
    small = cv2.resize(face, _QUARTER, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), 0.6)
    gradient = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    high, middle = np.percentile(gradient, (95, 50))
    fine = (face - cv2.GaussianBlur(face, (0, 0), 1.5)).std()
    edges, detail = (high + _NOTHING) / (middle + _NOTHING), (fine + _NOTHING) / (small.std() + _NOTHING)
    return float(np.log10(edges * detail))


def _turn(face: Face) -> float:
    left, right, nose = face.landmarks[:3]
    across = right - left
    distance = max(float(np.hypot(*across)), 1e-6)
    return abs(float((nose - (left + right) / 2) @ across)) / distance**2
