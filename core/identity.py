"""How much of a person's likeness a restored face keeps: the angle between its embedding and its input's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.engines.engine import Engine, FloatArray
from core.restoration import to_network
from core.types import CROP_SIZE, FaceCrop, Likeness, Pixels

LIMITS = {"mobilefacenet": 68.0}
"""Degrees from which on a restored face may pass for another person, by the network's name in the catalogue; those
of different networks cannot be compared. docs/identity.md has the rule and the measurement."""


def limit_of(likeness: Likeness) -> float | None:
    """The angle in degrees from which on to warn; None where nobody measured it for the network."""
    return LIMITS.get(likeness.network)


def is_doubtful(likeness: Likeness) -> bool:
    """Whether a restored face may pass for another person than its input."""
    limit = limit_of(likeness)
    return limit is not None and likeness.angle >= limit


def angle_between(first: FloatArray, second: FloatArray) -> float:
    """Degrees in [0, 180] between two embeddings, (D,): the arc cosine of their cosine similarity."""
    # In float64 and by both chords, for an arc cosine near 1 is wrong in its third digit.
    a, b = (vector.astype(np.float64) / max(float(np.linalg.norm(vector)), 1e-12) for vector in (first, second))
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


class IdentityMeter:
    """Measures crops. `engine`: RGB in [-1, 1], (1, 3, 512, 512) -> embeddings (1, D); `network` is its name.

    Both pictures of a face are cut by one transform (`core.networks.embedding`), so that neither is aligned anew.
    """

    def __init__(self, engine: Engine, network: str) -> None:
        self._engine, self._network = engine, network

    def measure(self, crops: Sequence[FaceCrop]) -> list[FaceCrop]:
        """The same crops with `likeness` set where they were restored, and memory suffices."""
        return [crop if crop.restored is None else self._measured(crop) for crop in crops]

    def embedding(self, pixels: Pixels) -> FloatArray:
        """The embedding of an aligned crop's pixels, (n, n, 3) -> (D,). Raises MemoryError."""
        embedding: FloatArray = self._engine.run(to_network(pixels, CROP_SIZE)[None])[0]
        return embedding

    def _measured(self, crop: FaceCrop) -> FaceCrop:
        assert crop.restored is not None
        try:
            angle = angle_between(self.embedding(crop.pixels), self.embedding(crop.restored))
        except MemoryError:
            # A badge is no reason to lose the face.
            return crop
        return replace(crop, likeness=Likeness(angle, self._network))
