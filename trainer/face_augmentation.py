"""New faces from those that there are: the truths of training, turned, warped and coloured.

A restorer learns people by heart when they are few: of 3,600 faces, 22 epochs brought twice the gain on faces that
it had seen as on others. What changes here is the truth itself, before it is degraded, so that nothing has to be
undone (unlike the colours of `trainer.recipes`). The discriminators' own is `trainer.adaptive_augmentation`.
"""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.types import Box
from trainer.components import ComponentBoxes
from trainer.types import Picture

Map = npt.NDArray[np.float32]
"""For each pixel, or point, where it is taken from: (..., 2), x and y in pixels."""

# What amount 1 does. Angles in radians, lengths as shares of the picture's side.
_TURN = math.radians(8)
_SCALE = 0.10  # either way, as a logarithm; each axis besides by _STRETCH
_STRETCH = 0.05
_SHEAR = 0.05
_SHIFT = 0.03
_KNOTS = 5  # along each side, whose random offsets bend the face into another one
_BEND = 0.012  # standard deviation of these offsets
_GAMMA = 0.25  # as a logarithm
_CAST = 0.06  # of each channel, as a logarithm
_SATURATION = 0.35


def augmented(
    truth: Picture, boxes: ComponentBoxes, amount: float, rng: np.random.Generator
) -> tuple[Picture, ComponentBoxes]:
    """The face as another one, and its boxes there: moved, and as large as before.

    amount: 0 changes nothing, 1 is about what still looks like a person in the FFHQ position. The picture is
    mirrored at its border. The same state of `rng` gives the same face.
    """
    if not amount:
        return truth, boxes
    size = len(truth)
    origins = _origins(size, amount, rng)
    x, y = cv2.split(origins)
    warped = cv2.remap(truth, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    moved = ComponentBoxes(*(_moved(box, origins) for box in astuple(boxes)))
    return _recolored(np.asarray(warped, np.uint8), amount, rng), moved


def _origins(size: int, amount: float, rng: np.random.Generator) -> Map:
    """An affine map about the picture's centre, and a smooth random field added to it; (size, size, 2)."""
    turn, shear = amount * rng.uniform(-_TURN, _TURN), amount * rng.uniform(-_SHEAR, _SHEAR)
    scale = np.exp(amount * (rng.uniform(-_SCALE, _SCALE) + rng.uniform(-_STRETCH, _STRETCH, 2)))
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, shear], [0, 1]]) @ np.diag(scale)
    shift = amount * size * rng.uniform(-_SHIFT, _SHIFT, 2)
    bends = amount * size * _BEND * rng.standard_normal((_KNOTS, _KNOTS, 2))
    centre = (size - 1) / 2
    line = np.arange(size)[:, None] - centre
    across, down = line * matrix[:, 0], line * matrix[:, 1] + centre + shift
    field = np.asarray(
        cv2.resize(bends.astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC), np.float32
    )
    field += across.astype(np.float32)[None]
    field += down.astype(np.float32)[:, None]
    return field


def _moved(box: Box, origins: Map) -> Box:
    """The box about the pixel that is taken from nearest to the box's centre; every other one is looked at."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    off = origins[::2, ::2] - np.array([x, y], np.float32)
    row, column = np.unravel_index(int(np.einsum("yxc,yxc->yx", off, off).argmin()), off.shape[:2])
    right_by, down_by = 2 * float(column) - x, 2 * float(row) - y
    return left + right_by, top + down_by, right + right_by, bottom + down_by


def _recolored(picture: Picture, amount: float, rng: np.random.Generator) -> Picture:
    """Another light: gamma, a cast, and saturation."""
    gamma = math.exp(amount * rng.uniform(-_GAMMA, _GAMMA))
    cast = np.exp(amount * rng.uniform(-_CAST, _CAST, 3))
    levels = 255 * (np.arange(256)[:, None] / 255) ** gamma * cast
    picture = np.asarray(cv2.LUT(picture, np.rint(levels).clip(0, 255).astype(np.uint8)[None]), np.uint8)
    share = 1 + amount * rng.uniform(-_SATURATION, _SATURATION)
    grey: Any = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(picture, share, grey, 1 - share, 0), np.uint8)
