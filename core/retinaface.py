"""What RetinaFace takes and gives: its input, its anchors, and faces out of its output (Deng et al. 2019)."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from core.engines.engine import Engine, FloatArray
from core.types import Face

MEAN_BGR = (104.0, 117.0, 123.0)
"""Subtracted from each channel of the input, BGR in [0, 255]."""

SAME_FACE = 0.4
"""Intersection over union from which two boxes are one face."""

_MEAN = np.array(MEAN_BGR, np.float32)[:, None, None]
_VARIANCES = np.array([0.1, 0.2], np.float32)
_LARGEST = 10.0  # logarithm of a box's size in its anchor's


def run_retinaface(engine: Engine, bgr: npt.NDArray[np.uint8], threshold: float) -> list[Face]:
    """The faces that the network finds in a picture, (H, W, 3) BGR uint8, with a score above `threshold`.

    Boxes and landmarks are in pixels of the picture. `engine` is described at
    `core.detection.RetinaFaceDetector`.
    """
    height, width = bgr.shape[:2]
    output = engine.run((bgr.transpose(2, 0, 1) - _MEAN)[None])[0]
    sure = output[:, 5] > threshold
    offsets, scores, points = output[sure, :4], output[sure, 5], output[sure, 6:]
    anchors = anchor_boxes(height, width)[sure]
    sides = np.array([width, height], np.float32)
    boxes = _decoded_boxes(offsets, anchors) * np.tile(sides, 2)
    landmarks = _decoded_landmarks(points, anchors) * sides
    kept = non_maximum_suppression(boxes, scores, SAME_FACE)
    rows = zip(boxes[kept].tolist(), landmarks[kept].astype(np.float64), scores[kept].tolist(), strict=True)
    return [Face((box[0], box[1], box[2], box[3]), spots, score) for box, spots, score in rows]


def _decoded_boxes(offsets: FloatArray, anchors: FloatArray) -> FloatArray:
    """Boxes (n, 4), left, top, right, bottom, as parts of the picture's sides (SSD, Liu et al. 2016)."""
    centres = anchors[:, :2] + offsets[:, :2] * _VARIANCES[0] * anchors[:, 2:]
    # Of pictures of a few pixels networks say anything, also sizes that no float can hold.
    half = anchors[:, 2:] * np.exp(np.minimum(offsets[:, 2:] * _VARIANCES[1], _LARGEST)) / 2
    return np.concatenate([centres - half, centres + half], axis=1)


def _decoded_landmarks(points: FloatArray, anchors: FloatArray) -> FloatArray:
    """Landmarks (n, 5, 2), as parts of the picture's sides."""
    from_centre: FloatArray = points.reshape(-1, 5, 2) * _VARIANCES[0] * anchors[:, None, 2:]
    return anchors[:, None, :2] + from_centre


def non_maximum_suppression(boxes: FloatArray, scores: FloatArray, threshold: float) -> npt.NDArray[np.intp]:
    """The indices of the boxes (n, 4) that no kept one with a higher score overlaps by more than `threshold`
    (intersection over union), the highest score first. What torchvision.ops.nms returns, without its import."""
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        low, high = np.maximum(boxes[best, :2], boxes[rest, :2]), np.minimum(boxes[best, 2:], boxes[rest, 2:])
        both = np.prod(np.maximum(high - low, 0), axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Two empty boxes give a nan, which overlaps nothing.
            shared = both / (areas[best] + areas[rest] - both)
        order = rest[~(shared.astype(np.float64) > threshold)]
    return np.array(kept, np.intp)


@functools.lru_cache(maxsize=16)
def anchor_boxes(height: int, width: int) -> FloatArray:
    """RetinaFace's anchors for a picture, (n, 4): centre x, y, width, height, as parts of the picture's sides.

    In the order of the network's outputs: strides of 8, 16 and 32 px, rows, columns, two sizes each
    (Deng et al. 2019, section 4.2, as facexlib trains it).
    """
    sides = np.array([width, height])
    levels = []
    for stride, sizes in ((8, (16, 32)), (16, (64, 128)), (32, (256, 512))):
        rows, columns = (-(-side // stride) for side in (height, width))
        y, x = np.divmod(np.arange(rows * columns), columns)
        centres = (np.column_stack([x, y]) + 0.5) * stride / sides
        level = np.empty((rows * columns, 2, 4))
        level[..., :2] = centres[:, None]
        level[..., 2:] = np.array(sizes)[:, None] / sides
        levels.append(level.reshape(-1, 4))
    return np.concatenate(levels).astype(np.float32)
