"""What a user should know about a face before trusting its restoration (the limits that the paper names)."""

from __future__ import annotations

import numpy as np

from core.types import Face

TINY_FACE = 28.0  # px, box size below which there is too little to restore
PROFILE = 0.45  # nose beyond the middle of the eyes, in eye distances


def face_warnings(face: Face) -> list[str]:
    """Sentences on a face so small that its details are guessed, or turned so far that they look unnatural."""
    warnings = []
    if face.size < TINY_FACE:
        warnings.append(f"it is only {face.size:.0f} px large, so its features are largely invented")
    if _turn(face) > PROFILE:
        warnings.append("it is turned far to the side, where restored features may look unnatural")
    return warnings


def _turn(face: Face) -> float:
    left, right, nose = face.landmarks[:3]
    across = right - left
    distance = max(float(np.hypot(*across)), 1e-6)
    return abs(float((nose - (left + right) / 2) @ across)) / distance**2
