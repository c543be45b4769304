"""The open photos and what was decided of them, on disk: they survive whatever ends the program."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from filelock import FileLock, Timeout
from PySide6.QtCore import QObject, QTimer, Slot

from app.document.decisions import Decisions
from app.document.library import QUEUE, WORKING, PhotoLibrary, PhotoState
from core.errors import PhotoError
from core.files import remove_stale, write_atomically
from core.locks import lock

log = logging.getLogger(__name__)

SESSION = "session"
"""Its folder, below the program's data."""

DELAY = 400
"""Milliseconds after a change before it is written: a slider's movement is one change."""

OFFERS = 3
"""Starts at which photos of an earlier time are offered before they are forgotten."""


@dataclass(frozen=True, eq=False)
class SavedPhoto:
    """A photo: `state` is PhotoState's; one that waited or was being restored is to be restored. `offered` is at
    how many starts nobody wanted it."""

    path: str
    state: str
    decisions: Decisions
    offered: int = 0


@dataclass(frozen=True, eq=False)
class Saved:
    """The photos in their order, and which one was in front."""

    photos: tuple[SavedPhoto, ...] = ()
    current: int | None = None

    @property
    def unfinished(self) -> int:
        """How many photos were still to be restored."""
        return sum(photo.state in QUEUE for photo in self.photos)


class Journal(QObject):
    """Writes a library into `folder` soon after each change. One process has the folder; another one keeps no
    journal. Photos of the last time that nobody did anything with yet stay in it as they were."""

    def __init__(self, library: PhotoLibrary, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._path = library, folder / "photos.json"
        self._current: int | None = None
        self._offered: tuple[SavedPhoto, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.write)
        folder.mkdir(parents=True, exist_ok=True)
        self._lock: FileLock | None = None
        self.is_of_another = False  # whether another window keeps it
        try:
            self._lock = lock(folder)
        except Timeout:
            self.is_of_another = True
            log.info("%s belongs to another window; this one keeps no journal", folder)
        except OSError as error:
            log.info("no journal can be kept in %s: %s", folder, error)
        else:
            remove_stale(folder, 0)

    @property
    def is_ours(self) -> bool:
        """Whether this process keeps the journal."""
        return self._lock is not None

    def read(self) -> Saved | None:
        """What the last window left, None where there is nothing. A file that cannot be read is kept aside."""
        if not self.is_ours:
            return None
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        try:
            saved = msgspec.convert(json.loads(data), type=Saved, dec_hook=_decoded)
        except (msgspec.ValidationError, ValueError, RecursionError) as error:
            log.warning("%s is damaged (%s) and is kept aside", self._path, error)
            self._path.replace(self._path.with_suffix(".damaged"))
            return None
        return saved if saved.photos else None

    def offer(self, saved: Saved) -> None:
        """Keep these beside what is open until `restore` takes them, for `OFFERS` starts at most."""
        again = (replace(photo, offered=photo.offered + 1) for photo in saved.photos)
        self._offered = tuple(photo for photo in again if photo.offered < OFFERS)

    def restore(self, saved: Saved) -> list[int]:
        """Open the photos again as they were; returns the keys of those that are still to be restored. Of one that
        is open already, what was done with it since counts."""
        self._offered = ()
        waiting = []
        for photo in saved.photos:
            (key,) = self._library.add([Path(photo.path)], photo.decisions)
            entry = self._library.entry(key)
            if entry.is_touched:
                continue
            if entry.decisions is not photo.decisions:
                self._library.set_decisions(key, photo.decisions)
            if photo.state in QUEUE:
                waiting.append(key)
            elif entry.state in WORKING:
                continue
            elif photo.state == PhotoState.DONE:
                self._library.set_state(key, PhotoState.DONE, progress=1.0)
            elif photo.decisions.faces is not None:
                self._library.set_state(key, PhotoState.FOUND)
        return waiting

    def start(self) -> None:
        """From now on write down what changes."""
        if not self.is_ours:
            return
        library = self._library
        for signal in (library.added, library.removed, library.layoutChanged):
            signal.connect(self._later)
        library.state_changed.connect(self._later)
        library.decisions_changed.connect(self._later)

    @Slot(object)
    def set_current(self, key: int | None) -> None:
        """Remember which photo is in front."""
        self._current = key

    @Slot()
    def write(self) -> None:
        """Write everything down now. A disk that takes nothing costs the journal, never the work."""
        self._timer.stop()
        if not self.is_ours:
            return
        offered = {photo.path: photo for photo in self._offered}
        photos = []
        for entry in self._library.entries:
            photo = offered.pop(str(entry.path), None)
            if photo is None or entry.is_touched:
                photo = SavedPhoto(str(entry.path), str(entry.state), entry.decisions)
            photos.append(photo)
        photos += offered.values()
        current = None
        if self._current is not None and self._current in self._library:
            current = self._library.row(self._current)
        content = msgspec.to_builtins(Saved(tuple(photos), current), enc_hook=_encoded)
        try:
            # Python's own JSON, for names of files may be in no encoding at all: msgspec's has no place for them.
            write_atomically(self._path, json.dumps(content).encode())
        except PhotoError as error:
            log.info("the journal was not written: %s", error)

    def close(self) -> None:
        """Write down what is left, and let another window have the folder."""
        if self._timer.isActive():
            self.write()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @Slot()
    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start()


def _encoded(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise NotImplementedError


def _decoded(_: type, value: Any) -> Any:
    landmarks = np.array(value, np.float64)
    if landmarks.shape != (5, 2):
        raise ValueError("landmarks are five points")
    return landmarks
