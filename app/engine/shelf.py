"""Restored crops and enlarged backgrounds, not to be made again, in memory and on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from app.document.decisions import Decisions, FaceKey
from app.engine.photo_cache import age_of
from core.background import LANCZOS
from core.crops import load_background, load_crop, save_background, save_crop
from core.errors import CoreError
from core.files import remove_stale, write_atomically
from core.geometry import Geometry
from core.types import FaceCrop, Pixels

CROP, BACKGROUND = ".npz", ".png"
CROP_MEMORY = 256_000_000
BACKGROUND_MEMORY = 1_000_000_000
DISK = 10_000_000_000
"""Bytes that `tidy` leaves: a face takes about one million, the background of 12 megapixels up to a hundred."""

BackgroundKey = tuple[Geometry, str, int]
"""What an enlarged background depends on: geometry, upscaler and factor."""

T = TypeVar("T")


def background_key(decisions: Decisions) -> BackgroundKey | None:
    """The key of the background that a photo is to have, None where no network makes one."""
    if decisions.upscale == 1 or decisions.background == LANCZOS:
        return None
    return decisions.geometry, decisions.background, decisions.upscale


def work_of(decisions: Decisions) -> tuple[BackgroundKey | None, list[FaceKey] | None]:
    """What networks make for decisions: the background, and crops of the faces (None before they are known)."""
    faces = None if decisions.faces is None else [decisions.key(face) for face in decisions.included]
    return background_key(decisions), faces


class Shelf:
    """What was made of photos, by their path and what it depends on. For any thread.

    Everything is written into `folder`, where it survives the program; what was used last is kept in memory too. A
    photo that was written anew has nothing on the shelf.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._crops: _Recent[FaceCrop] = _Recent(CROP_MEMORY, _crop_bytes)
        self._backgrounds: _Recent[Pixels] = _Recent(BACKGROUND_MEMORY, lambda pixels: pixels.nbytes)

    def crop(self, photo: Path, key: FaceKey) -> FaceCrop | None:
        """The restored crop of a face, None where there is none (any more)."""
        return _taken(self._file(photo, key, CROP), self._crops, load_crop)

    def has_crop(self, photo: Path, key: FaceKey) -> bool:
        """Whether there is one, without a look into its file."""
        return self._has(self._file(photo, key, CROP), self._crops)

    def put_crop(self, photo: Path, key: FaceKey, crop: FaceCrop) -> None:
        """Keep a restored crop. Where the disk does not take it, it is in memory alone."""
        _put(self._file(photo, key, CROP), crop, self._crops, save_crop)

    def background(self, photo: Path, key: BackgroundKey) -> Pixels | None:
        """The enlarged photo without faces, None where there is none (any more)."""
        return _taken(self._file(photo, key, BACKGROUND), self._backgrounds, load_background)

    def has_background(self, photo: Path, key: BackgroundKey) -> bool:
        """Whether there is one, or none can be made, without a look into its file."""
        return self._has(self._file(photo, key, BACKGROUND), self._backgrounds)

    def put_background(self, photo: Path, key: BackgroundKey, pixels: Pixels | None) -> None:
        """Keep a background, as a crop is kept. None where none can be made: there is nothing to wait for then."""
        file = self._file(photo, key, BACKGROUND)
        if pixels is None:
            _write(file, lambda file: write_atomically(file, b""))
        else:
            _put(file, pixels, self._backgrounds, save_background)

    def tidy(self, most: int = DISK) -> None:
        """Delete what killed programs left half-written, and files, those not used for longest first, until `most`
        bytes are left."""
        found = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                entry = path.stat()
                found.append((entry.st_mtime_ns, entry.st_size, path))
        for folder in {path.parent for _, _, path in found}:
            remove_stale(folder)
        used = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if used <= most:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                used -= size
                path.parent.rmdir()  # refused while others lie in it

    def _has(self, file: Path, recent: _Recent[Any]) -> bool:
        return recent.has(file) or file.is_file()

    def _file(self, photo: Path, key: FaceKey | BackgroundKey, suffix: str) -> Path:
        photo_id = hashlib.sha256(repr((str(photo), age_of(photo))).encode()).hexdigest()[:20]
        return self._folder / photo_id / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}{suffix}"


def _taken(file: Path, recent: _Recent[T], load: Callable[[Path], T]) -> T | None:
    thing = recent.get(file)
    if thing is None and file.is_file():
        try:
            thing = load(file)
            os.utime(file)  # `tidy` tells by it what is in use
        except (CoreError, OSError):  # damaged or gone: it is made again
            with contextlib.suppress(OSError):
                if file.stat().st_size:  # an empty one says that there can be none
                    file.unlink()
            return None
        recent.put(file, thing)
    return thing


def _put(file: Path, thing: T, recent: _Recent[T], save: Callable[[Path, T], None]) -> None:
    recent.put(file, thing)
    _write(file, lambda file: save(file, thing))


def _write(file: Path, save: Callable[[Path], None]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save(file)
    except (CoreError, OSError):
        pass  # a result of this run all the same; exporting tells of the disk


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

    def has(self, key: Path) -> bool:
        with self._lock:
            return key in self._kept


def _crop_bytes(crop: FaceCrop) -> int:
    return crop.pixels.nbytes + (0 if crop.restored is None else crop.restored.nbytes)
