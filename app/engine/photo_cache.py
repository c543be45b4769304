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

Age = tuple[int, int]
"""A file's time (ns) and size."""

Fingerprint = tuple[int, int, int]
"""What tells a picture from another one in its place: its file's age, and the CRC-32 of its pixels."""

_Key = tuple[Path, Age, Geometry]


def age_of(path: Path) -> Age:
    """The age of a file; (0, 0) where it is out of reach."""
    try:
        found = path.stat()
    except OSError:  # reading it tells the reason
        return 0, 0
    return found.st_mtime_ns, found.st_size


def fingerprint(path: Path, photo: Photo) -> Fingerprint:
    """That of a photo which was read from `path`."""
    return (*age_of(path), _pixels(photo))


def is_another(path: Path, photo: Photo, seen: Fingerprint | None) -> bool:
    """Whether a photo is another picture than one was: not where only metadata changed, nor where another version
    of a library decodes the same file a little differently."""
    return seen is not None and age_of(path) != seen[:2] and _pixels(photo) != seen[2]


def _pixels(photo: Photo) -> int:
    return zlib.crc32(np.ascontiguousarray(photo.rgb).data, zlib.crc32(repr(photo.size).encode()))


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
        key = (path, age_of(path), geometry)
        with self._lock:
            reading = self._reading.setdefault(key, threading.Lock())
        try:
            with reading:  # whoever else asks for the same waits instead of decoding it too
                photo = self._kept(key)
                if photo is None:
                    photo = self._read(path)
                    self._sizes[path] = photo.size
                    photo = changed(photo, geometry)
                    self._keep(key, photo)
        finally:
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


def _size(photo: Photo) -> int:
    return photo.rgb.nbytes + (0 if photo.samples is photo.rgb else photo.samples.nbytes)
