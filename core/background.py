"""Everything that is not a face, enlarged by a super-resolution network, tile by tile."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, cast

import cv2
import numpy as np

from core.alignment import quantized
from core.color import luma
from core.engines.engine import Engine
from core.engines.ladder import PictureSizeChanged
from core.errors import RestorationError
from core.progress import CancelToken, Progress, ProgressSink, ignore_progress
from core.types import FloatImage, Pixels, Region

log = logging.getLogger(__name__)

AUTO, LANCZOS = "auto", "lanczos"
"""What a user may say instead of a model: the best one that is fast enough here, and no network at all."""

OVERLAP = 28
"""Photo pixels that a tile sees beyond its own. Real-ESRGAN's compact network reaches 34 px far, but what lies
beyond 24 moved no sample by more than half of 1/255 (docs/how-it-works.md)."""

_FEATHER = 4  # of these, photo pixels over which the next tile takes over
_STRIP = 64  # rows
_TONE = 8.0  # sigma in photo pixels: coarser colour is the photo's


class BackgroundUpscaler(Protocol):
    """Whatever enlarges a photo."""

    def upscale(
        self,
        photo: Pixels,
        factor: int,
        progress: ProgressSink = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Pixels:
        """A new picture: the photo `factor` times larger, of its depth.

        Raises Cancelled, between tiles; MemoryError; RestorationError where there is no usable picture.
        """
        ...


class TiledUpscaler:
    """A super-resolution network over tiles of the size that its engine takes, so that memory is that of one tile.

    `engine` maps RGB in [0, 1], (1, 3, size, size), to the same `scale` times larger. A tile whose output is not
    finite, as happens in low precision, is run again by the engine that `exact` opens.

    A picture larger than what is asked for is reduced by area averages, a smaller one is enlarged by Lanczos: a
    second run would take `scale` * `scale` times as long as the first, and enlarge its mistakes.
    """

    def __init__(self, engine: Engine, scale: int, exact: Callable[[], Engine] | None = None) -> None:
        self._engine, self._scale, self._exact = engine, scale, exact

    def upscale(
        self,
        photo: Pixels,
        factor: int,
        progress: ProgressSink = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Pixels:
        """See `BackgroundUpscaler`. Grey stays exactly grey, and the tone of larger areas is the photo's."""
        height, width = photo.shape[:2]
        result = cast(Pixels, np.empty((height * factor, width * factor, 3), photo.dtype))
        while True:
            # It happens once: the engine stays with the smaller size.
            with suppress(PictureSizeChanged):
                self._fill(result, photo, factor, progress, cancel or CancelToken())
                return result

    def _fill(
        self, result: Pixels, photo: Pixels, factor: int, progress: ProgressSink, cancel: CancelToken
    ) -> None:
        size = self._engine.size
        assert size is not None
        rows, columns = (_cells(side, size - 2 * OVERLAP) for side in photo.shape[:2])
        grey, total = _is_grey(photo), len(rows) * len(columns)
        for done, ((top, bottom), (left, right)) in enumerate(itertools.product(rows, columns)):
            cancel.raise_if_cancelled()
            progress(Progress("background", done, total))
            origin = (left + right - size) // 2, (top + bottom - size) // 2
            tile = self._enlarged(_window(photo, *origin, size), factor)
            if grey:
                tile = np.asarray(cv2.merge([luma(tile)] * 3), np.float32)
            _lay(result, tile, origin, Region(left, top, right, bottom), factor)
        cancel.raise_if_cancelled()
        progress(Progress("background", total, total))

    def _enlarged(self, window: FloatImage, factor: int) -> FloatImage:
        """A window, (size, size, 3) float32 in [0, 1], `factor` times larger."""
        size = window.shape[0]
        output = np.ascontiguousarray(self._run(window).transpose(1, 2, 0))
        tone = cv2.GaussianBlur(window - _resized(output, size), (0, 0), _TONE, borderType=cv2.BORDER_REFLECT_101)
        picture = _resized(output, size * factor)
        picture += cv2.resize(tone, (size * factor, size * factor), interpolation=cv2.INTER_LINEAR)
        return picture

    def _run(self, window: FloatImage) -> FloatImage:
        images = np.ascontiguousarray(window.transpose(2, 0, 1))[None]
        output = self._engine.run(images)
        if not np.isfinite(output).all() and self._exact is not None:
            log.warning("a tile came out as not-a-number on %s; running it in float32", self._engine.target)
            output = self._exact().run(images)
        if not np.isfinite(output).all():
            raise RestorationError("the model gave no usable picture of it")
        return np.asarray(output[0], np.float32)


def _cells(side: int, step: int) -> list[tuple[int, int]]:
    """[0, side) in equal parts of at most `step`, each as (begin, end)."""
    count = -(-side // step)
    edges = [side * index // count for index in range(count + 1)]
    return list(itertools.pairwise(edges))


def _window(photo: Pixels, left: int, top: int, size: int) -> FloatImage:
    """A square of the photo from (left, top) on in [0, 1], beyond its edges its reflection, float32."""
    height, width = photo.shape[:2]
    inside = photo[max(0, top) : top + size, max(0, left) : left + size]
    before = max(0, -top), max(0, -left)
    window = cv2.copyMakeBorder(
        inside,
        before[0],
        max(0, top + size - height),
        before[1],
        max(0, left + size - width),
        cv2.BORDER_REFLECT_101,
    )
    return np.asarray(window, np.float32) / np.float32(np.iinfo(photo.dtype).max)


def _resized(picture: FloatImage, size: int) -> FloatImage:
    """A square picture at another size; area averages when it shrinks, Lanczos when it grows."""
    if picture.shape[0] == size:
        return picture
    way = cv2.INTER_AREA if size < picture.shape[0] else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(picture, (size, size), interpolation=way), np.float32)


def _lay(result: Pixels, tile: FloatImage, origin: tuple[int, int], cell: Region, factor: int) -> None:
    """Lay what is the cell's of an enlarged tile, whose first photo pixel is `origin`, into the enlarged photo.

    Tiles are laid from left to right and from above to below; each is blended with those that are there.
    """
    left, top, right, bottom = cell
    photo = Region(0, 0, result.shape[1] // factor, result.shape[0] // factor)
    reach = Region(left - _FEATHER, top - _FEATHER, right + _FEATHER, bottom + _FEATHER).common(photo)
    here = result[_times(reach, factor).slices()]
    fresh = tile[_times(reach, factor).slices(origin[0] * factor, origin[1] * factor)]
    fresh = fresh * np.float32(np.iinfo(result.dtype).max)
    band = 2 * _FEATHER * factor
    ramp = ((np.arange(band, dtype=np.float32) + 0.5) / band)[:, None]
    if left > 0:
        fresh[:, :band] = here[:, :band] + (fresh[:, :band] - here[:, :band]) * ramp
    if top > 0:
        fresh[:band] = here[:band] + (fresh[:band] - here[:band]) * ramp[:, None]
    here[...] = quantized(fresh, result.dtype)


def _times(region: Region, factor: int) -> Region:
    return Region(*(edge * factor for edge in region))


def _is_grey(photo: Pixels) -> bool:
    # Some rows at a time: a whole comparison is a third of the photo, and colour is mostly seen at once.
    strips = (photo[top : top + _STRIP] for top in range(0, len(photo), _STRIP))
    return all((strip == strip[..., :1]).all() for strip in strips)
