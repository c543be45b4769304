"""Which face is looked at when, and which faces are never learned from.

The order has no state: a run's samples are numbered 0, 1, 2, ... over all processes, and what a sample is follows
from its number (position) and the run's seed alone. So a resumed run goes on where it was, and two processes see
together what one with twice the batch would.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from trainer.dataset import FaceRecord

# Sequences of random numbers that must not be related: [seed, stream, number].
_ORDER, _SAMPLE = 1, 2

HELD_OUT_SEED = 0
"""The seed of the samples to judge by: the same for all runs, so that their figures can be compared."""


def positions(number: int, batch: int, rank: int = 0, count: int = 1) -> range:
    """The samples of micro-batch `number` that process `rank` of `count` takes, `batch` each."""
    first = (number * count + rank) * batch
    return range(first, first + batch)


def face_at(position: int, faces: int, seed: int) -> int:
    """Which of the `faces` (their number) is looked at: each once an epoch, in an order of its own."""
    return next(faces_from(position, faces, seed))


def faces_from(position: int, faces: int, seed: int) -> Iterator[int]:
    """`face_at`, and then all others in the epoch's order, to stand in for it."""
    epoch, place = divmod(position, faces)
    order = _order(seed, epoch, faces)
    return (int(order[(place + step) % faces]) for step in range(faces))


def seed_at(position: int, seed: int) -> int:
    """The sample's own seed, in [0, 2^63)."""
    words = np.random.SeedSequence([seed, _SAMPLE, position]).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, faces: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng([seed, _ORDER, epoch]).permutation(faces)


def split(faces: Sequence[FaceRecord], held_out: float) -> tuple[list[FaceRecord], list[FaceRecord]]:
    """(faces to learn from, faces held out to judge by), both in the order given.

    held_out: below 1 a share of the photos, else a number of faces; 0 for none. Whole photos are held out, so that
    the people in them are judged as they were never seen, and which ones follows from their digests: photos that
    are added later leave the others where they are (with a share). Where anything is to be held out, that is at
    least one of two photos; at least one is always left to learn from.
    """
    if not held_out:
        return list(faces), []
    sizes = Counter(face.photo for face in faces)
    photos = sorted(sizes, key=_place)
    out = _within(photos[:-1], sizes, held_out) or set(photos[:-1][:1])
    return [face for face in faces if face.photo not in out], [face for face in faces if face.photo in out]


def repeated(faces: Sequence[FaceRecord], times: Mapping[str, int]) -> list[FaceRecord]:
    """The faces, those whose photo's name begins with a key of `times` that many times over."""

    def count(face: FaceRecord) -> int:
        return next((count for prefix, count in times.items() if face.source.startswith(prefix)), 1)

    return [face for face in faces for _ in range(count(face))]


def _within(photos: Sequence[str], sizes: Counter[str], held_out: float) -> set[str]:
    """Those of the photos, in the order of their places, that the share or number has room for."""
    if held_out < 1:
        return {photo for photo in photos if _place(photo) < held_out}
    chosen, room = set(), held_out
    for photo in photos:
        if sizes[photo] <= room:
            chosen.add(photo)
            room -= sizes[photo]
    return chosen


def _place(photo: str) -> float:
    """Where a photo stands in [0, 1). Hashed, for a dataset.json made by hand may hold names for digests."""
    return int.from_bytes(hashlib.sha256(photo.encode()).digest()[:6], "big") / 2**48
