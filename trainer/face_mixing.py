"""People that do not exist, from those that do: a part of one face in the place of another one's.

Turning and bending a face (`trainer.face_augmentation`) leaves it the person that it was, whom a restorer that saw
it often knows by heart. Another person has other eyes, another nose and mouth: they are warped onto the face's own
landmarks, take its colours, and are joined to it by both Laplacian pyramids, fine structure over a narrow seam and
coarse over a wide one (Burt and Adelson 1983, "A Multiresolution Spline With Application to Image Mosaics").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from trainer.face_augmentation import Map
from trainer.types import Picture

Points = npt.NDArray[np.float64]
"""(N, 2), x and y in pixels of the picture; a face's are the five landmarks of `core.types.Face`."""

Floats = npt.NDArray[np.float32]

Window = tuple[slice, slice]
"""Rows and columns of a picture."""

ALIKE = 9 / 512
"""Mean distance of two faces' landmarks, as a share of the side, up to which they look the same way."""


@dataclass(frozen=True)
class _Part:
    """An ellipse about a mean of the landmarks, its half axes in distances of the eyes."""

    weights: tuple[float, float, float, float, float]
    axes: tuple[float, float]


_PARTS = (
    _Part((0.5, 0.5, 0.0, 0.0, 0.0), (1.0, 0.55)),  # eyes and brows
    _Part((0.0, 0.0, 0.3, 0.35, 0.35), (0.85, 0.75)),  # nose, mouth and chin
    _Part((0.25, 0.25, 0.0, 0.25, 0.25), (1.05, 1.15)),  # all of it
    _Part((0.15, 0.15, 0.7, 0.0, 0.0), (0.4, 0.6)),  # nose
    _Part((0.0, 0.0, 0.0, 0.5, 0.5), (0.65, 0.4)),  # mouth
)
_VARIETY = 0.15  # of the axes, either way, as a logarithm
_LEVELS = 4  # of the pyramids
_KNOTS = 33  # along each side, at which the warp is computed
_STIFFNESS = 100.0  # of the warp, in the px² of its kernel: it misses the landmarks by a fifth of a pixel, and
# does not fold where two lie in one place
_CONTRAST = 1.4  # at most, either way, in taking over the colours


def partners(points: Points, others: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.intp]:
    """Which of `others`, landmarks (N, 5, 2) in pictures of side `size`, look the way that the face with these
    landmarks looks, and so can lend it a part: indices, without those whose landmarks are the very same."""
    distance = np.linalg.norm(others - points, axis=2).mean(axis=1)
    return np.flatnonzero((distance > 0) & (distance <= ALIKE * size))


def mixed(
    face: Picture, points: Points, other: Picture, other_points: Points, rng: np.random.Generator
) -> Picture:
    """`face` with one part of `other`, both RGB, (S, S, 3), uint8; its landmarks stay where they are.

    The same state of `rng` gives the same part of the same size. A part that lies outside the picture changes
    nothing: then it is `face` itself.
    """
    part = _PARTS[rng.integers(len(_PARTS))]
    mask = _ellipse(len(face), points, part, np.exp(rng.uniform(-_VARIETY, _VARIETY, 2)))
    window = _window(mask)
    own, share = face[window].astype(np.float32), mask[window]
    if not share.any():
        return face
    lent = _in_colours_of(_warped(other, _origins(points, other_points, len(face), window)), own, share > 0)
    joined = face.copy()
    joined[window] = np.rint(_blended(own, lent, share)).clip(0, 255).astype(np.uint8)
    return joined


def _ellipse(size: int, points: Points, part: _Part, scales: npt.NDArray[np.float64]) -> Floats:
    """1 within the part, its axes that much longer, 0 outside, (size, size)."""
    mask = np.zeros((size, size), np.float32)
    centre = np.asarray(part.weights) @ points
    axes = np.linalg.norm(points[1] - points[0]) * np.asarray(part.axes) * scales
    x, y, half_width, half_height = (round(float(value)) for value in (*centre, *axes))
    cv2.ellipse(mask, (x, y), (half_width, half_height), 0, 0, 360, 1.0, cv2.FILLED)
    return mask


def _window(mask: Floats) -> Window:
    """Where the part lies, with room for the widest seam: what the coarsest level makes of the mask's edge."""
    x, y, width, height = cv2.boundingRect((mask > 0).astype(np.uint8))
    room = 3 * 2**_LEVELS
    return slice(max(0, y - room), y + height + room), slice(max(0, x - room), x + width + room)


def _origins(points: Points, other_points: Points, size: int, window: Window) -> Map:
    """For each pixel of the window where the other picture has it, (H, W, 2): a thin-plate spline through the
    landmarks, the picture's border staying in place."""
    line = np.linspace(0, size - 1, 3)
    border = np.array([(x, y) for x in line for y in line if (x, y) != (line[1], line[1])])
    fixed = np.concatenate([points, border])
    shifts = np.concatenate([other_points - points, np.zeros_like(border)])
    system = np.zeros((len(fixed) + 3, len(fixed) + 3))
    system[: len(fixed)] = _basis(fixed, fixed)
    system[range(len(fixed)), range(len(fixed))] += _STIFFNESS
    system[len(fixed) :, : len(fixed)] = system[: len(fixed), len(fixed) :].T
    weights = np.linalg.solve(system, np.concatenate([shifts, np.zeros((3, 2))]))
    line = np.linspace(0, size - 1, _KNOTS)
    knots = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    coarse = (_basis(knots, fixed) @ weights).reshape(_KNOTS, _KNOTS, 2).astype(np.float32)
    x, y = np.meshgrid(*(np.arange(size, dtype=np.float32)[span] for span in reversed(window)))
    step = np.float32((size - 1) / (_KNOTS - 1))
    shift = np.asarray(cv2.remap(coarse, x / step, y / step, cv2.INTER_LINEAR), np.float32)
    return np.stack([x, y], axis=-1) + shift


def _basis(points: Points, fixed: Points) -> npt.NDArray[np.float64]:
    """r² log r² from each point to each fixed one, and 1, x and y: (N, F + 3)."""
    squared = ((points[:, None] - fixed[None]) ** 2).sum(-1)
    return np.column_stack([squared * np.log(np.maximum(squared, 1e-9)), np.ones(len(points)), points])


def _warped(picture: Picture, origins: Map) -> Floats:
    x, y = cv2.split(origins)
    warped = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(warped, np.float32)


def _in_colours_of(picture: Floats, model: Floats, where: npt.NDArray[np.bool_]) -> Floats:
    """With the mean and about the spread that the model has there, channel by channel."""
    found, wanted = picture[where], model[where]
    contrast = (wanted.std(axis=0) + 1) / (found.std(axis=0) + 1)
    like = (picture - found.mean(axis=0)) * contrast.clip(1 / _CONTRAST, _CONTRAST) + wanted.mean(axis=0)
    return np.asarray(like, np.float32)


def _blended(outside: Floats, inside: Floats, mask: Floats) -> Floats:
    """`inside` where the mask, (H, W), is 1, joined at each level of the Laplacian pyramids."""
    levels: list[Sequence[Floats]] = [(outside, inside, mask)]
    for _ in range(_LEVELS):
        levels.append([np.asarray(cv2.pyrDown(image), np.float32) for image in levels[-1]])
    coarse_outside, coarse_inside, share = levels.pop()
    blend = _between(coarse_outside, coarse_inside, share)
    for fine_outside, fine_inside, share in reversed(levels):
        shape = share.shape[1], share.shape[0]
        detail_outside = fine_outside - cv2.pyrUp(coarse_outside, dstsize=shape)
        detail_inside = fine_inside - cv2.pyrUp(coarse_inside, dstsize=shape)
        blend = cv2.pyrUp(blend, dstsize=shape) + _between(detail_outside, detail_inside, share)
        coarse_outside, coarse_inside = fine_outside, fine_inside
    return blend


def _between(a: Floats, b: Floats, share: Floats) -> Floats:
    return a + (b - a) * share[..., None]
