"""Decoded photos, shared by all that works on them, so that the one on the screen is decoded once."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.geometry import Geometry, changed
from core.photo import read_photo
from core.types import Photo

MEMORY = 400_000_000
"""Bytes of decoded photos kept beside the one asked for last."""

_Key = tuple[Path, int, Geometry]


def fingerprint(path: Path, photo: Photo) -> tuple[int, int, int]:
    """What tells a picture from another one in its place: the file's time and size, the CRC-32 of the pixels."""
    pixels = zlib.crc32(np.ascontiguousarray(photo.rgb).data, zlib.crc32(repr(photo.size).encode()))
    try:
        found = path.stat()
    except OSError:
        return 0, 0, pixels
    return found.st_mtime_ns, found.st_size, pixels


def is_another(now: tuple[int, int, int], seen: tuple[int, int, int] | None) -> bool:
    """Whether the picture changed by these fingerprints: not where only metadata did, nor where another version of
    a library decodes the same file a little differently."""
    return seen is not None and now[:2] != seen[:2] and now[2] != seen[2]


class PhotoCache:
    """Reads photos, turned and cropped as decided, and keeps those asked for last. For any thread."""

    def __init__(self, memory: int = MEMORY, read: Callable[[Path], Photo] = read_photo) -> None:
        self._memory, self._read = memory, read
        self._photos: OrderedDict[_Key, Photo] = OrderedDict()
        self._lock = threading.Lock()
        self._reading: dict[_Key, threading.Lock] = {}
        self._sizes: dict[Path, tuple[int, int]] = {}

    def get(self, path: Path, geometry: Geometry = Geometry()) -> Photo:  # noqa: B008
        """The photo at `path` as `geometry` leaves it; one written anew is read anew. Raises PhotoError."""
        key = (path, _age(path), geometry)
        with self._lock:
            reading = self._reading.setdefault(key, threading.Lock())
        with reading:  # whoever else asks for the same waits instead of decoding it too
            photo = self._kept(key)
            if photo is None:
                photo = self._read(path)
                self._sizes[path] = photo.size
                photo = changed(photo, geometry)
                self._keep(key, photo)
        with self._lock:
            self._reading.pop(key, None)
        return photo

    def size(self, path: Path) -> tuple[int, int] | None:
        """(width, height) of the photo as its file has it, None where it was never read."""
        return self._sizes.get(path)

    def _kept(self, key: _Key) -> Photo | None:
        with self._lock:
            if key in self._photos:
                self._photos.move_to_end(key)
            return self._photos.get(key)

    def _keep(self, key: _Key, photo: Photo) -> None:
        with self._lock:
            self._photos[key] = photo
            while len(self._photos) > 1 and sum(map(_size, self._photos.values())) > self._memory:
                self._photos.popitem(last=False)


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # reading it tells the reason
        return 0


def _size(photo: Photo) -> int:
    return photo.rgb.nbytes + (0 if photo.samples is photo.rgb else photo.samples.nbytes)
