"""Photos are closed, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from app.message_bar import MessageBar
from app.notify import Notice, Notifier
from app.workbench import Workbench


class Closing(QObject):
    """Closes photos. As long as the message about it stands, it takes back all that were closed since it came."""

    def __init__(self, bench: Workbench, notifier: Notifier, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._notifier, self._messages = bench, notifier, messages
        self._notice: Notice | None = None
        self._closed = 0
        self._take_back: list[Callable[[], None]] = []

    @Slot(list)
    def close_photos(self, keys: Sequence[int]) -> None:
        """Close these, and offer to take them back."""
        if not keys:
            return
        if self._notice is None or not self._messages.has(self._notice):
            self._closed, self._take_back = 0, []
        self._closed += len(keys)
        self._take_back.append(self._bench.remove(keys))
        text = self.tr("%n photo(s) closed.", "", self._closed)
        self._notice = self._notifier.tell(text, action=(self.tr("Undo"), self._undo), topic="closing")

    def _undo(self) -> None:
        """The last ones first, for each knows its place among those that were there then."""
        for take_back in reversed(self._take_back):
            take_back()
