"""The chosen collection of faces in the window: one piece of work on it at a time, off the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.settings.background_work import BackgroundWork
from app.settings.settings import SettingsStore
from app.training.collecting import Collected, Progress, add_photos, open_collection
from app.training.faces_model import FacesModel
from trainer.dataset import INDEX
from trainer.quality import Limits

_SOON = 400  # ms in which decisions gather before they are written down


class Collection(QObject):
    """What lies in the folder, as `model`. Decisions made while photos are added are written afterwards."""

    progressed = Signal(object)  # Progress
    told = Signal(str)
    changed = Signal()  # busy or not, other faces, other folder

    def __init__(self, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.folder = Path()
        self.limits = Limits()
        self.model = FacesModel(self)
        self._work = BackgroundWork(self)
        self._decisions: dict[str, bool] = {}
        self._writing: dict[str, bool] = {}
        self._waiting: list[Path] = []
        self._again = self._adds = False
        self._soon = QTimer(self, interval=_SOON)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._go_on)
        self.model.decided.connect(self._on_decided)
        self._work.progressed.connect(self._on_progressed)
        self._work.returned.connect(self._on_returned)
        self._work.failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        """Whether photos are being added."""
        return self._work.busy and self._adds

    def open(self, folder: Path) -> None:
        """Look at the collection in a folder, also an empty one."""
        if self._work.busy:
            return
        self.folder, self._adds = folder, False
        self.model.set_faces(folder, [])
        self._work.start(lambda *_: open_collection(folder))
        self.changed.emit()

    def add(self, paths: Sequence[Path]) -> None:
        """Add photos, and those in folders, after what is being done."""
        self._waiting += paths
        self._go_on()

    def set_limits(self, limits: Limits) -> None:
        """Judge all faces anew; what the user decided stands."""
        self.limits, self._again = limits, True
        self._go_on()

    def cancel(self) -> None:
        """Stop after the photo in work; what is done stays."""
        self._waiting.clear()
        self._work.cancel()

    def close(self) -> None:
        """Stop, write down what was decided, and wait."""
        self._soon.stop()
        self._work.close()
        self.model.close()
        decisions = {**self._writing, **self._decisions}
        if decisions and (self.folder / INDEX).exists():
            open_collection(self.folder, decisions)

    @Slot()
    def _go_on(self) -> None:
        if self._work.busy or not (self._waiting or self._again or self._decisions):
            return
        folder, paths, limits = self.folder, self._waiting, self.limits
        settings = self._store.value
        decisions = self._writing = {**self._writing, **self._decisions}
        self._adds = bool(paths) or self._again
        self._waiting, self._again, self._decisions = [], False, {}
        if self._adds:
            add = partial(add_photos, folder, paths, limits, settings, decisions)
            self._work.start(lambda cancel, tell: add(cancel, tell))
        else:
            self._work.start(lambda *_: open_collection(folder, decisions))
        self.changed.emit()

    @Slot(str, bool)
    def _on_decided(self, file: str, accepted: bool) -> None:
        self._decisions[file] = accepted
        self._soon.start()

    @Slot(object)
    def _on_progressed(self, progress: Progress) -> None:
        self.model.add(progress.faces)
        self.progressed.emit(progress)

    @Slot(object)
    def _on_returned(self, outcome: Collected) -> None:
        self._writing = {}
        if not self._decisions and list(outcome.faces) != list(self.model.faces):
            self.model.set_faces(self.folder, outcome.faces)
        if outcome.problems:
            first = outcome.problems[0]
            more = self.tr(" %n other photo(s) could not be used either.", "", len(outcome.problems) - 1)
            self.told.emit(first + (more if len(outcome.problems) > 1 else ""))
        elif outcome.known and not outcome.new:
            self.told.emit(self.tr("These photos are in the collection already."))
        else:
            self.told.emit("")
        self._end()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self.told.emit(sentence)
        self._writing = {}
        self._end()

    def _end(self) -> None:
        self.changed.emit()
        self._go_on()
