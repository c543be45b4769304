"""Makes the small pictures of the strip off the GUI thread: what is seen first, one after the other."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from app.document.library import PhotoLibrary, PhotoState
from app.images import image_of
from app.threads import WorkThread
from core.errors import CoreError
from core.thumbnails import read_thumbnail

log = logging.getLogger(__name__)

SIDE = 224
"""Pixels of the long side: twice that of the strip, for screens of high resolution."""


class Thumbnails(QObject):
    """Gives the library's photos their thumbnails when they are asked for. Those asked for last come first, for
    that is where the user is looking."""

    _made = Signal(int, object)  # key, QImage or a sentence

    def __init__(self, library: PhotoLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._asked: list[int] = []
        self._running: int | None = None
        self._thread = WorkThread(self)
        self._made.connect(self._on_made)
        library.added.connect(self._on_added)
        library.state_changed.connect(self._on_state_changed)

    def ask(self, key: int) -> None:
        """Make this one next, if it is not there."""
        entry = self._library.entry(key)
        if entry.thumbnail is None and entry.state is not PhotoState.FAILED and key != self._running:
            if key in self._asked:
                self._asked.remove(key)
            self._asked.append(key)
            self._go_on()

    def close(self) -> None:
        """Make no more, and wait for the one that is being made."""
        self._asked.clear()
        self._thread.close()

    @Slot(list)
    def _on_added(self, keys: list[int]) -> None:
        # Behind all that is asked for by name.
        self._asked = [*reversed(keys), *self._asked]
        self._go_on()

    @Slot(int)
    def _on_state_changed(self, key: int) -> None:
        """A photo that could be read now, though it has no thumbnail, was away when that was to be made."""
        if self._library.entry(key).state in (PhotoState.FOUND, PhotoState.DONE):
            self.ask(key)

    def _go_on(self) -> None:
        while self._running is None and self._asked:
            key = self._asked.pop()
            if key in self._library and self._library.entry(key).thumbnail is None:
                self._running = key
                self._thread.run(partial(self._make, key, self._library.entry(key).path))

    def _make(self, key: int, path: Path) -> None:
        self._made.emit(key, _thumbnail(path))

    @Slot(int, object)
    def _on_made(self, key: int, outcome: object) -> None:
        self._running = None
        if key in self._library:
            if isinstance(outcome, QImage):
                self._library.set_thumbnail(key, outcome)
            elif self._library.entry(key).state is PhotoState.NEW:
                self._library.set_state(key, PhotoState.FAILED, str(outcome))
        self._go_on()


def _thumbnail(path: Path) -> QImage | str:
    """It, or why there is none."""
    try:
        return image_of(read_thumbnail(path, SIDE))
    except CoreError as error:
        return str(error)
    except Exception as error:
        log.warning("%s", path, exc_info=error)
        return f"'{path}' met an error that should not happen ({type(error).__name__}: {error})."
