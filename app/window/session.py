"""What is open survives the window: the next one offers to go on with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool

from app.document.journal import Journal, Saved
from app.document.library import PhotoState
from app.notify import Notifier
from app.settings.settings import SettingsStore
from app.workbench import Workbench


class Session(QObject):
    """Keeps the journal of what is open, and offers to go on with what was."""

    def __init__(
        self, bench: Workbench, notifier: Notifier, settings: SettingsStore, folder: Path, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bench, self._notifier, self._settings = bench, notifier, settings
        self.journal = Journal(bench.library, folder, self)
        bench.current_changed.connect(self.journal.set_current)
        self._pool = QThreadPool(self)

    def begin(self) -> None:
        """Offer the photos of the last time; none, begin a journal of those to come."""
        saved = self.journal.read() if self._settings.value.keep_session else None
        if saved is not None:
            self._offer(saved)
        self.journal.start()
        self._pool.start(QRunnable.create(self._bench.shelf.tidy))

    def close(self) -> None:
        """Write down what is open."""
        self._pool.waitForDone()
        self.journal.close()

    def _offer(self, saved: Saved) -> None:
        text = self.tr("%n photo(s) were open the last time.", "", len(saved.photos))
        if saved.unfinished:
            text += " " + self.tr("%n of them were still to be restored.", "", saved.unfinished)

        def go_on() -> None:
            bench = self._bench
            waiting = self.journal.restore(saved)
            for key in bench.library.keys_in(PhotoState.DONE):
                if bench.lacks(key):  # its crops are not on the disk any more
                    bench.library.set_state(key, PhotoState.FOUND)
            entries = bench.library.entries
            place = saved.current if saved.current is not None and saved.current < len(entries) else 0
            bench.show(entries[place].key)
            bench.restore(waiting)

        self.journal.offer(saved)
        self._notifier.tell(text, action=(self.tr("Go on with them"), go_on))
