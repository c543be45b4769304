"""What a training would lack, and getting it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.settings.background_work import BackgroundWork
from app.settings.fields import note
from app.settings.model_row import ModelRow, download_of, licence_of, size_of
from app.settings.settings import SettingsStore
from app.training.process import for_the_window
from app.translation import translated
from core.models.catalogue import ModelInfo, catalogue
from core.models.download_progress import DownloadProgress
from core.models.folders import is_file
from core.models.store import place_of
from trainer.config import Losses
from trainer.missing import Missing, missing_networks


class MissingNetworks(QWidget):
    """A row for each network of a loss that is not on this machine. `changed` tells that one has come."""

    changed = Signal()

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store
        self._wanted: list[Missing] = []
        self._shown: list[Missing] = []
        self._problems: list[str] = []
        self.work = BackgroundWork(self)
        self.words = note("")
        self.rows: dict[str, ModelRow] = {}
        self._infos: dict[str, ModelInfo] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.words)
        self.work.progressed.connect(self._on_progressed)
        self.work.returned.connect(self._on_returned)
        self.work.failed.connect(self._on_failed)
        self.work.cancelled.connect(self._on_cancelled)
        self.hide()

    def show_for(self, losses: Losses | None) -> None:
        """Say what a run with these losses would lack; what is being downloaded stays until that ends."""
        self._wanted = missing_networks(losses) if losses else []
        if not self.work.busy and self._wanted != self._shown:
            self._problems = []
            self._show(self._wanted)

    def _show(self, missing: list[Missing]) -> None:
        for row in self.rows.values():
            self._column.removeWidget(row)
            row.deleteLater()
        self._shown, self.rows, self._infos = missing, {}, {}
        others = []
        for each in missing:
            info = _in_catalogue(each.network)
            if info is None or info.url is None:
                others.append(for_the_window(each.sentence))
            else:
                self._add(info, each)
        self.words.setText("\n".join([*self._problems, *others]))
        self.words.setVisible(bool(self.words.text()))
        self.setVisible(bool(missing or self._problems))

    def _add(self, info: ModelInfo, missing: Missing) -> None:
        costs = {
            "perceptual": self.tr("textures come out softer or noisier"),
            "identity": self.tr("faces drift further from the person"),
        }
        details = self.tr("Without it {cost} ({size}, {licence})").format(
            cost=costs.get(missing.term, missing.cost), size=size_of(info), licence=licence_of(info)
        )
        row = ModelRow(info.name, translated(info.title), details, here=False, removable=False, gets=True)
        row.get_asked.connect(self.get)
        row.cancel_asked.connect(self.work.cancel)
        self._column.addWidget(row)
        self.rows[info.name], self._infos[info.name] = row, info
        if self.work.has(info.name):
            row.show_asked(not self.work.runs(info.name))

    @Slot(str)
    def get(self, name: str) -> None:
        """Download one."""
        if not self.work.busy:
            self._problems = []
        self.rows[name].show_asked(self.work.busy)
        self.work.start(download_of(self._infos[name], self._store.value.mirror), name)

    @Slot(object)
    def _on_progressed(self, progress: DownloadProgress) -> None:
        if progress.name in self.rows:
            self.rows[progress.name].show_progress(progress)

    @Slot(object)
    def _on_returned(self, _: object) -> None:
        self._show_left()
        self.changed.emit()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._problems.append(sentence)
        self._show_left()

    @Slot()
    def _on_cancelled(self) -> None:
        if self._wanted:
            self._problems.append(self.tr("Paused; what came so far stays."))
        self._show_left()

    def _show_left(self) -> None:
        """What is missing still: of what is shown while more of it is to come, else of what is wanted now."""
        missing = self._shown if self.work.busy else self._wanted
        self._show([each for each in missing if not _is_here(each.network)])


def _is_here(network: str) -> bool:
    info = _in_catalogue(network)
    return info is not None and is_file(place_of(info))


def _in_catalogue(network: str) -> ModelInfo | None:
    return next((info for info in catalogue() if info.is_called(network)), None)
