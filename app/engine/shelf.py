"""Restored crops and backgrounds, not to be made again: crops also on disk, where they survive the program."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from app.document.decisions import Decisions, FaceKey
from core.background import LANCZOS
from core.crops import load_crop, save_crop
from core.errors import CoreError
from core.geometry import Geometry
from core.types import FaceCrop, Pixels

CROP_MEMORY = 256_000_000
BACKGROUND_MEMORY = 1_000_000_000

BackgroundKey = tuple[Geometry, str, int]
"""What an enlarged background depends on: geometry, upscaler and factor."""

T = TypeVar("T")


def background_key(decisions: Decisions) -> BackgroundKey | None:
    """The key of the background that a photo is to have, None where no network makes one."""
    if decisions.upscale == 1 or decisions.background == LANCZOS:
        return None
    return decisions.geometry, decisions.background, decisions.upscale


class Shelf:
    """What was made of photos, by their path and what it depends on. For any thread.

    Crops are written into `folder`; those used last, and backgrounds, are kept in memory. A photo that was written
    anew has nothing on the shelf.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._crops: _Recent[FaceCrop] = _Recent(CROP_MEMORY, _crop_bytes)
        self._backgrounds: _Recent[Pixels] = _Recent(BACKGROUND_MEMORY, lambda pixels: pixels.nbytes)

    def crop(self, photo: Path, key: FaceKey) -> FaceCrop | None:
        """The restored crop of a face, None where there is none (any more)."""
        file = self._file(photo, key)
        crop = self._crops.get(file)
        if crop is None and file.is_file():
            try:
                crop = load_crop(file)
            except CoreError:  # damaged: it is made again
                return None
            self._crops.put(file, crop)
        return crop

    def put_crop(self, photo: Path, key: FaceKey, crop: FaceCrop) -> None:
        """Keep a restored crop. Where the disk does not take it, it is in memory alone."""
        file = self._file(photo, key)
        self._crops.put(file, crop)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            save_crop(file, crop)
        except (CoreError, OSError):
            pass  # a result of this run all the same; exporting tells of the disk

    def background(self, photo: Path, key: BackgroundKey) -> Pixels | None:
        """The enlarged photo without faces, None where there is none (any more)."""
        return self._backgrounds.get(self._file(photo, key))

    def put_background(self, photo: Path, key: BackgroundKey, pixels: Pixels) -> None:
        """Keep a background."""
        self._backgrounds.put(self._file(photo, key), pixels)

    def clear(self) -> None:
        """Throw everything away."""
        self._crops.clear()
        self._backgrounds.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, photo: Path, key: FaceKey | BackgroundKey) -> Path:
        try:
            found = photo.stat()
            age = (found.st_mtime_ns, found.st_size)
        except OSError:
            age = (0, 0)
        photo_id = hashlib.sha256(repr((str(photo), age)).encode()).hexdigest()[:20]
        return self._folder / photo_id / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}.npz"


class _Recent(Generic[T]):
    """Things used last, up to `memory` bytes."""

    def __init__(self, memory: int, size: Callable[[T], int]) -> None:
        self._memory, self._size = memory, size
        self._kept: OrderedDict[Path, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Path) -> T | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Path, thing: T) -> None:
        with self._lock:
            self._kept[key] = thing
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(map(self._size, self._kept.values())) > self._memory:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


def _crop_bytes(crop: FaceCrop) -> int:
    return crop.pixels.nbytes + (0 if crop.restored is None else crop.restored.nbytes)
