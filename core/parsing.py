"""Restored crops -> label maps, with facexlib's ParseNet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from core.engines.engine import Engine
from core.restoration import to_network
from core.types import CROP_SIZE, FaceCrop


class FaceParser(Protocol):
    """Whatever tells skin, hair, background and so on apart."""

    def parse(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """The same crops with `labels` set where a crop was restored."""
        ...


class ParseNetParser:
    """facexlib's ParseNet: RGB in [-1, 1], (1, 3, size, size) -> scores (1, 19, size, size)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._size = engine.size or CROP_SIZE

    def parse(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """One crop at a time, so that memory stays that of one; see `FaceParser`."""
        return [self._parse(crop) if crop.restored is not None else crop for crop in crops]

    def _parse(self, crop: FaceCrop) -> FaceCrop:
        assert crop.restored is not None
        try:
            scores = self._engine.run(to_network(crop.restored, self._size)[None])[0]
        except MemoryError:
            # An oval mask is no reason to lose the face.
            return crop
        return replace(crop, labels=scores.argmax(axis=0).astype(np.uint8))
