"""Crops -> restored crops: range conversion, and what to do with an output that is not finite."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from core.alignment import quantized, resize_crop
from core.engines.engine import Engine, FloatArray
from core.severity import advised_strength
from core.types import CROP_SIZE, FaceCrop, Pixels

log = logging.getLogger(__name__)


class FaceRestorer(Protocol):
    """Whatever makes a better picture of an aligned face."""

    def restore(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """The same crops with `restored` set, or `failure` where there is no usable picture."""
        ...


class NetworkRestorer:
    """A network of any size over 512 px crops.

    `engine` maps RGB in [-1, 1], (N, 3, size, size), to the same. With a `fidelity` in [0, 1], what it takes has a
    fourth channel that holds it. A crop whose output is not finite, as happens in low precision, is run again by
    the engine that `exact` opens. `sharp_strength` is the strength that suits faces that are sharp already.
    With `self_ensemble` a face is restored as it is and mirrored, and is the mean of both, in which the network's
    chance errors are smaller; it takes twice the time (Lim et al. 2017, "Enhanced Deep Residual Networks for
    Single Image Super-Resolution", section 3.4, with the one of their transformations that faces know).
    """

    def __init__(
        self,
        engine: Engine,
        exact: Callable[[], Engine] | None = None,
        fidelity: float | None = None,
        sharp_strength: float = 1.0,
        *,
        self_ensemble: bool = False,
    ) -> None:
        self._engine = engine
        self._size = engine.size or CROP_SIZE
        self._exact = exact
        self._fidelity = fidelity
        self._sharp_strength = sharp_strength
        self._self_ensemble = self_ensemble

    def restore(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """Run the crops as one batch. A face without a finite picture gets a `failure`, and so do all when
        memory does not suffice for one."""
        if not crops:
            return []
        try:
            output = self._run(np.stack([to_network(crop.pixels, self._size) for crop in crops]))
        except MemoryError:
            failure = "memory does not suffice to restore it; it is left as it was"
            return [replace(crop, failure=failure) for crop in crops]
        return [self._from_network(crop, image) for crop, image in zip(crops, output, strict=True)]

    def _run(self, images: FloatArray) -> FloatArray:
        if self._fidelity is not None:
            images = np.insert(images, 3, np.float32(self._fidelity), axis=1)
        output = self._passed(self._engine, images)
        broken = [index for index, image in enumerate(output) if not np.isfinite(image).all()]
        if broken and self._exact is not None:
            target = self._engine.target
            log.warning("%d crops came out as not-a-number on %s; running them in float32", len(broken), target)
            output[broken] = self._passed(self._exact(), images[broken])
        return output

    def _passed(self, engine: Engine, images: FloatArray) -> FloatArray:
        output = engine.run(images)
        if self._self_ensemble:
            output += _mirrored(engine.run(_mirrored(images)))
            output /= 2
        return output

    def _from_network(self, crop: FaceCrop, image: FloatArray) -> FaceCrop:
        if not np.isfinite(image).all():
            return replace(crop, failure="the model gave no usable picture of this face; it is left as it was")
        full = np.iinfo(crop.pixels.dtype).max
        picture = (np.clip(image.transpose(1, 2, 0), -1, 1) + 1) / 2 * full
        restored = quantized(resize_crop(np.ascontiguousarray(picture), CROP_SIZE), crop.pixels.dtype)
        strength = advised_strength(crop.pixels, restored, self._sharp_strength)
        return replace(crop, restored=restored, network_size=self._size, advised_strength=strength)


def to_network(pixels: Pixels, size: int) -> FloatArray:
    """A square RGB picture (h, h, 3) as a network of `size` px sees it: (3, size, size) in [-1, 1]."""
    image = resize_crop(pixels.astype(np.float32), size)
    full = np.iinfo(pixels.dtype).max
    return np.ascontiguousarray((image / full * 2 - 1).transpose(2, 0, 1), np.float32)


def _mirrored(images: FloatArray) -> FloatArray:
    """(N, C, H, W) with left and right exchanged."""
    return np.ascontiguousarray(images[..., ::-1])
