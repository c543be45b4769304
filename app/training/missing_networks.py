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
from core.models.metering import DownloadProgress
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
        self._getting = ""
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
            self._show(self._wanted)

    def _show(self, missing: list[Missing], problem: str = "") -> None:
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
        self.words.setText("\n".join([problem, *others]).strip())
        self.words.setVisible(bool(self.words.text()))
        self.setVisible(bool(missing or problem))

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

    @Slot(str)
    def get(self, name: str) -> None:
        """Download one."""
        if self.work.busy:
            return
        self._getting = name
        row = self.rows[name]
        row.show_connecting()
        self.work.start(download_of(self._infos[name], self._store.value.mirror))

    @Slot(object)
    def _on_progressed(self, progress: DownloadProgress) -> None:
        self.rows[self._getting].show_progress(progress)

    @Slot(object)
    def _on_returned(self, _: object) -> None:
        here = self._infos[self._getting]
        self._show([each for each in self._wanted if not here.is_called(each.network)])
        self.changed.emit()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._show(self._wanted, sentence)

    @Slot()
    def _on_cancelled(self) -> None:
        paused = self._infos[self._getting]
        wanted = any(paused.is_called(each.network) for each in self._wanted)
        self._show(self._wanted, self.tr("Paused; what came so far stays.") if wanted else "")


def _in_catalogue(network: str) -> ModelInfo | None:
    return next((info for info in catalogue() if info.is_called(network)), None)
