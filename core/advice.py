"""What a user should know about a face before trusting its restoration (the paper names these limits)."""

from __future__ import annotations

import numpy as np

from core.identity import is_doubtful
from core.severity import SEVERE, prominence
from core.types import Face, FaceCrop

TINY_FACE = 28.0
"""Pixels of the box below which there is too little to restore."""

PROFILE = 0.45
"""Nose beyond the middle of the eyes, in eye distances. A nose tip stands out about as far, so this is a head
turned by 45 degrees; 1 % of the training's faces are turned further (`trainer.quality`)."""


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


def _turn(face: Face) -> float:
    left, right, nose = face.landmarks[:3]
    across = right - left
    distance = max(float(np.hypot(*across)), 1e-6)
    return abs(float((nose - (left + right) / 2) @ across)) / distance**2
