"""What is open survives the window: the next one offers to go on with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.document.journal import Journal, Saved
from app.document.library import PhotoState
from app.notify import Level, Notifier
from app.settings.settings import SettingsStore
from app.threads import WorkThread
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
        self._thread = WorkThread(self)

    def begin(self, crash: str = "") -> None:
        """Offer the photos of the last time, and begin a journal of those to come. `crash` is the report of how
        the program ended unexpectedly, if it did."""
        saved = self.journal.read() if self._settings.value.keep_session else None
        if saved is not None:
            self._offer(saved, crash)
        elif crash:
            self._notifier.tell(self._crashed(), Level.WARNING, crash)
        if not self.journal.is_ours:
            why = (
                self.tr("Another window of the program has the session; what is open here is not kept.")
                if self.journal.is_of_another
                else self.tr("The folder for the program's data takes nothing; what is open here is not kept.")
            )
            self._notifier.tell(why, Level.WARNING)
        self.journal.start()
        self._thread.run(self._bench.shelf.tidy)

    def close(self) -> None:
        """Write down what is open."""
        self._thread.close()
        self.journal.close()

    def _crashed(self) -> str:
        return self.tr("The program ended unexpectedly the last time.")

    def _offer(self, saved: Saved, crash: str) -> None:
        text = f"{self._crashed()} " if crash else ""
        text += self.tr("%n photo(s) were open the last time.", "", len(saved.photos))
        if saved.unfinished:
            text += " " + self.tr("%n of them were still to be restored.", "", saved.unfinished)

        def go_on() -> None:
            bench = self._bench
            waiting = self.journal.restore(saved)
            for key in bench.library.keys_in(PhotoState.DONE):
                if bench.lacks(key):  # its crops are not on the disk any more
                    bench.library.set_state(key, PhotoState.FOUND)
            place = saved.current if saved.current is not None and saved.current < len(saved.photos) else 0
            front = Path(saved.photos[place].path)
            bench.show(next(entry.key for entry in bench.library.entries if entry.path == front))
            bench.restore(waiting)

        self.journal.offer(saved)
        level = Level.WARNING if crash else Level.INFO
        self._notifier.tell(text, level, crash, (self.tr("Go on with them"), go_on))
