"""All runs on this machine: look at them, go on with them, begin others like them, delete them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDateTime, QFile, QLocale, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.amounts import number
from app.forms import refill
from app.settings.background_work import BackgroundWork
from app.settings.fields import note
from app.theme import GRID
from app.training.runs import RunInfo, list_runs
from trainer.run_folder import runs_folders


class RunRow(QFrame):
    """One run, and what can be done with it."""

    def __init__(self, run: RunInfo) -> None:
        super().__init__()
        self.run = run
        title, details = QLabel(run.name), QLabel(self._details())
        title.setObjectName("heading")
        details.setObjectName("secondary")
        self.look, self.go_on = QPushButton(self.tr("&Look")), QPushButton(self.tr("&Go on"))
        self.again, self.folder = QPushButton(self.tr("Same &settings")), QPushButton(self.tr("&Folder"))
        self.delete = QPushButton(self.tr("&Delete"))
        self.delete.setToolTip(self.tr("Moves the run to the trash; its model stays in the list of models."))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(details)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, GRID // 2, 0, GRID // 2)
        row.setSpacing(GRID)
        row.addLayout(words, 1)
        for button in (self.go_on, self.look, self.again, self.folder, self.delete):
            button.setAccessibleName(f"{button.text().replace('&', '')}: {run.name}")
            row.addWidget(button)
        self.go_on.setVisible(run.can_go_on)
        self.delete.setEnabled(run.state != "running")

    def _details(self) -> str:
        run = self.run
        state = {
            "running": self.tr("running"),
            "finished": self.tr("finished"),
            "stopped": self.tr("stopped"),
            "failed": self.tr("failed"),
            "interrupted": self.tr("interrupted"),
        }[run.state]
        steps = self.tr("{step} of {steps} steps").format(step=number(run.step), steps=number(run.config.steps))
        when = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(run.changed)), QLocale.FormatType.ShortFormat)
        parts = [state, steps, when]
        if run.model:
            parts.append(self.tr("model '{name}'").format(name=run.model))
        return " · ".join(parts)


class RunsPage(QWidget):
    """The signals carry a `RunInfo`."""

    look_asked = Signal(object)
    go_on_asked = Signal(object)
    again_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._work = BackgroundWork(self)
        self._stale = False
        self.rows: list[RunRow] = []
        self.words = note("")
        self.list = QScrollArea()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setWidgetResizable(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.words)
        column.addWidget(self.list, 1)
        self._work.returned.connect(self._on_listed)
        self._work.failed.connect(self.words.setText)

    def close_threads(self) -> None:
        """Wait for what is being done."""
        self._work.close()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """See what there is now."""
        super().showEvent(event)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """List the runs anew, where somebody sees it."""
        if not self.isVisible():
            return
        if self._work.busy:
            self._stale = True
        else:
            self._work.start(lambda *_: (list_runs(*runs_folders()), ""))

    @Slot(object)
    def _on_listed(self, outcome: tuple[list[RunInfo], str]) -> None:
        runs, sentence = outcome
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, GRID, 0)
        self.rows = [RunRow(run) for run in runs]
        for row in self.rows:
            self._connect(row)
            column.addWidget(row)
        column.addStretch()
        refill(self.list, body)
        empty = self.tr("No model was trained on this computer yet.")
        self.words.setText(sentence or ("" if runs else empty))
        self.words.setVisible(bool(self.words.text()))
        if self._stale:
            self._stale = False
            self.refresh()

    def _connect(self, row: RunRow) -> None:
        run = row.run
        row.look.clicked.connect(lambda: self.look_asked.emit(run))
        row.go_on.clicked.connect(lambda: self.go_on_asked.emit(run))
        row.again.clicked.connect(lambda: self.again_asked.emit(run))
        row.folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder))))
        row.delete.clicked.connect(lambda: self._delete(run))

    def _delete(self, run: RunInfo) -> None:
        failed = self.tr("'{folder}' could not be moved to the trash; delete it yourself.").format(
            folder=run.folder
        )
        gone = self.tr("'{name}' is in the trash.").format(name=run.name)

        def delete(*_: object) -> tuple[list[RunInfo], str]:
            sentence = gone if to_trash(run.folder) else failed
            return list_runs(*runs_folders()), sentence

        self._work.start(delete)


def to_trash(folder: Path) -> bool:
    """Move a folder to the trash; returns whether it is there now."""
    return bool(QFile(str(folder)).moveToTrash())
