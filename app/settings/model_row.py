"""A model in a list: what it is, and getting it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout

from app.amounts import number
from app.settings.background_work import Work
from app.theme import GRID
from app.translation import translated
from core.models.catalogue import ModelInfo
from core.models.download import download_model
from core.models.download_progress import DownloadProgress
from core.progress import CancelToken


def size_of(info: ModelInfo) -> str:
    """How much there is to download, in words."""
    if info.size is None:
        return QCoreApplication.translate("ModelRow", "size unknown")
    return f"{number(info.size / 1e6)} MB"


def licence_of(info: ModelInfo) -> str:
    """What may be done with it, in words."""
    return (
        QCoreApplication.translate("ModelRow", "for non-commercial use") if info.non_commercial else info.licence
    )


def download_of(info: ModelInfo, mirror: str | None) -> Work:
    """Getting it, as `BackgroundWork` runs it. It tells its progress by the model's name; its outcome is ""."""
    connecting = _connecting(info.name)

    def download(cancel: CancelToken, tell: Callable[[object], None]) -> str:
        tell(connecting)
        download_model(info, lambda progress: tell(replace(progress, name=info.name)), cancel, mirror)
        return ""

    return download


def _connecting(name: str) -> DownloadProgress:
    return DownloadProgress(name, 0, None, note=QCoreApplication.translate("ModelRow", "Connecting …"))


class ModelRow(QFrame):
    """One model: what it is, and what can be done with it."""

    get_asked = Signal(str)
    remove_asked = Signal(str)
    cancel_asked = Signal(str)

    def __init__(self, name: str, title: str, details: str, here: bool, removable: bool, gets: bool) -> None:
        super().__init__()
        self.name = name
        self.title = QLabel(title)
        self.title.setWordWrap(True)
        self.details = QLabel(details)
        self.details.setObjectName("secondary")
        self.details.setWordWrap(True)
        self.get = QPushButton(self.tr("Download"))
        self.get.setVisible(gets)
        self.get.setAccessibleName(self.tr("Download {model}").format(model=title))
        self.remove = QPushButton(self.tr("Remove"))
        self.remove.setVisible(here and removable)
        self.remove.setAccessibleName(self.tr("Remove {model}").format(model=title))
        self.stop = QPushButton(self.tr("Pause"))
        self.stop.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.hide()
        words = QVBoxLayout()
        words.setSpacing(2)
        for widget in (self.title, self.details, self.bar):
            words.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, GRID // 2, 0, GRID // 2)
        row.addLayout(words, 1)
        for button in (self.get, self.stop, self.remove):
            row.addWidget(button)
        self.get.clicked.connect(lambda: self.get_asked.emit(self.name))
        self.remove.clicked.connect(lambda: self.remove_asked.emit(self.name))
        self.stop.clicked.connect(lambda: self.cancel_asked.emit(self.name))

    def show_asked(self, waits: bool) -> None:
        """Its download begins, or waits for what was begun before."""
        waiting = DownloadProgress(self.name, 0, None, note=self.tr("Waiting …"))
        self.show_progress(waiting if waits else _connecting(self.name))

    def show_progress(self, progress: DownloadProgress) -> None:
        """Where its download is."""
        self.bar.show()
        self.stop.show()
        self.get.hide()
        if progress.total:
            self.bar.setValue(round(1000 * progress.done / progress.total))
        self.details.setText(translated(progress.note) or self._in_words(progress))

    def _in_words(self, progress: DownloadProgress) -> str:
        done, of = progress.done / 1e6, "" if progress.total is None else f" / {number(progress.total / 1e6)}"
        text = self.tr("{done}{of} MB, {speed} MB/s").format(
            done=number(done), of=of, speed=number(progress.speed / 1e6, 1)
        )
        if progress.remaining is None:
            return text
        return self.tr("{text}, {seconds} s to go").format(text=text, seconds=number(progress.remaining))
