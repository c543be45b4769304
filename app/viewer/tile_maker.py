"""Makes tiles off the GUI thread."""

from __future__ import annotations

import contextlib
import logging
import weakref
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtGui import QImage

from app.threads import WorkThread
from app.viewer.tiles import Piece, tile_image
from core.types import Pixels

log = logging.getLogger(__name__)


class Wisher(Protocol):
    """Who wants tiles of its picture."""

    @property
    def pixels(self) -> Pixels:
        """The picture."""
        ...

    def take(self, piece: Piece, image: QImage) -> None:
        """Here is a piece of one."""
        ...


_Wish = tuple["weakref.ReferenceType[Wisher]", Piece]


class TileMaker(QObject):
    """One tile at a time, those asked for last first; none for who is gone meanwhile."""

    made = Signal(object)  # the Wisher that took a tile
    _ended = Signal(object, object)  # wish, QImage or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread(self)
        self._waiting: list[_Wish] = []
        self._running: _Wish | None = None
        self._ended.connect(self._on_ended)

    def ask(self, wisher: Wisher, pieces: Sequence[Piece]) -> None:
        """Make these pieces, the first one first, and no others of the same tiles."""
        reference, keys = weakref.ref(wisher), {piece.key for piece in pieces}
        others = [(by, piece) for by, piece in self._waiting if by != reference or piece.key not in keys]
        asked: list[_Wish] = [(reference, piece) for piece in reversed(pieces)]
        self._waiting = [*others, *(wish for wish in asked if wish != self._running)]
        self._start()

    @Slot()
    def close(self) -> None:
        """Make what is being made, and no more."""
        self._waiting = []
        self._thread.close()

    def _start(self) -> None:
        while self._running is None and self._waiting:
            wish = self._waiting.pop()
            wisher = wish[0]()
            if wisher is not None:
                self._running = wish
                self._thread.run(partial(self._make, wish, wisher.pixels))

    def _make(self, wish: _Wish, pixels: Pixels) -> None:
        tile = None
        try:
            tile = tile_image(pixels, wish[1].key, wish[1].part)
        except Exception as error:
            log.warning("tile", exc_info=error)  # the rough picture stays
        with contextlib.suppress(RuntimeError):  # the program ended meanwhile
            self._ended.emit(wish, tile)

    @Slot(object, object)
    def _on_ended(self, wish: _Wish, tile: QImage | None) -> None:
        self._running = None
        wisher = wish[0]()
        if wisher is not None and tile is not None:
            wisher.take(wish[1], tile)
            self.made.emit(wisher)
        self._start()


_maker: TileMaker | None = None


def tile_maker() -> TileMaker:
    """The program's one; it ends with the program."""
    global _maker
    if _maker is None:
        app = QCoreApplication.instance()
        _maker = TileMaker(app)
        if app is not None:
            app.aboutToQuit.connect(_maker.close)
    return _maker
