"""The boxes that were published for FFHQ's faces: FFHQ_eye_mouth_landmarks_512.pth."""

from __future__ import annotations

import math
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch

from core.errors import ModelError
from core.files import reason
from core.types import Box
from trainer.components import EYE_ENLARGEMENT, ComponentBoxes, square

_ALLOWED: list[Any] = [
    (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar"),  # as NumPy 1 names it
    (np.float64(0).__reduce__()[0], "numpy._core.multiarray.scalar"),  # as NumPy 2 does
    np.dtype,
    np.dtypes.Float64DType,
]
"""What of NumPy the file needs besides containers, text and numbers: the scalar float64."""


def read_ffhq_landmarks(path: Path) -> dict[int, ComponentBoxes]:
    """The boxes by FFHQ's number of the picture, in pixels of the 512 px picture, the eyes' enlarged by 1.4.

    Raises ModelError when the file cannot be read, is another one or holds code, which is never run.
    """
    try:
        with torch.serialization.safe_globals(_ALLOWED):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"'{path}' cannot be read ({reason(error)}); check data.landmarks.") from error
    except Exception as error:
        # torch lets a dozen exception types out of a file that is damaged or asks for code.
        raise _another(path) from error
    try:
        return {int(number): _boxes(parts) for number, parts in content.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _another(path) from error


def ffhq_number(name: str) -> int:
    """FFHQ's number of a picture from its file's name, "00012.png" -> 12; -1 for names that are no number."""
    stem = PurePath(name).stem
    return int(stem) if stem.isdecimal() else -1


def _another(path: Path) -> ModelError:
    return ModelError(
        f"'{path}' is damaged or not the published FFHQ_eye_mouth_landmarks_512.pth; get that file again, or "
        "leave data.landmarks empty."
    )


def _boxes(parts: dict[str, Any]) -> ComponentBoxes:
    return ComponentBoxes(
        _square(parts["left_eye"], EYE_ENLARGEMENT),
        _square(parts["right_eye"], EYE_ENLARGEMENT),
        _square(parts["mouth"], 1.0),
    )


def _square(part: Any, enlargement: float) -> Box:
    x, y, half = (float(value) for value in part)
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(half) and half > 0):
        raise ValueError(f"{part} is no box")
    return square((x, y), half * enlargement)
