"""The page on models: what there is, what is here, and getting, importing, checking and removing it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.amounts import number
from app.forms import add_row, make_form, refill
from app.settings.background_work import BackgroundWork, Work
from app.settings.fields import TextField, heading, note
from app.settings.model_row import ModelRow, download_of, licence_of, size_of
from app.settings.pages import Page
from app.settings.settings import SettingsStore
from app.theme import GRID
from app.translation import translated
from core.models.catalogue import ModelInfo, catalogue
from core.models.download_progress import DownloadProgress
from core.models.folders import is_file, models_folder
from core.models.importing import Imported, import_models
from core.models.store import ModelFile, place_of, present_models
from core.models.verification import verify_models
from core.progress import CancelToken
from core.removal import remove_model

_FOR_PHOTOS = ("restorer", "detector", "parser", "upscaler", "identity")


class ModelsPage(Page):
    """All models. `changed` tells when others are here than before."""

    changed = Signal()

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store
        self.setAcceptDrops(True)
        self.work = BackgroundWork(self)
        self.words = note("")
        self.rows: dict[str, ModelRow] = {}
        self._said: list[str] = []
        self.list = QScrollArea()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setWidgetResizable(True)
        self.importing = QPushButton(self.tr("Import files…"))
        self.verifying = QPushButton(self.tr("Check all"))
        buttons = QHBoxLayout()
        for button in (self.importing, self.verifying):
            buttons.addWidget(button)
        buttons.addStretch()
        form = make_form()
        hint = self.tr("Address instead of the models' own")
        add_row(form, self.tr("&Mirror"), TextField(store, "mirror", hint))
        self.column.addWidget(self.words)
        self.column.addWidget(self.list, 1)
        self.column.addLayout(buttons)
        self.column.addLayout(form)
        self.importing.clicked.connect(self._ask_for_files)
        self.verifying.clicked.connect(self._verify)
        self.work.progressed.connect(self._on_progressed)
        self.work.returned.connect(self._on_returned)
        self.work.failed.connect(self._end)
        self.work.cancelled.connect(self._on_cancelled)
        self.refresh()

    def refresh(self) -> None:
        """Show what there is now."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, GRID, 0)
        self.rows = {}
        known = catalogue()
        for kind in dict.fromkeys([*_FOR_PHOTOS, *(info.kind for info in known)]):
            infos = [info for info in known if info.kind == kind]
            own = [model for model in present_models() if model.info is None and model.kind == kind]
            if infos or own:
                column.addWidget(heading(self._title_of(kind)))
            for row in [*map(self._row_of, infos), *map(self._own_row, own)]:
                self._connect(row)
                column.addWidget(row)
        column.addStretch()
        refill(self.list, body)
        for row in self.rows.values():
            if self.work.has(row.name):
                row.show_asked(not self.work.runs(row.name))
        self._say()

    def _title_of(self, kind: str) -> str:
        titles = {
            "restorer": self.tr("Restore faces"),
            "detector": self.tr("Find faces"),
            "parser": self.tr("Tell hair and skin from background"),
            "upscaler": self.tr("Enlarge backgrounds"),
            "identity": self.tr("Compare likeness"),
            "features": self.tr("For training"),
            "prior": self.tr("For training: prior"),
            "discriminator": self.tr("For training: discriminators"),
            "landmarks": self.tr("For training: landmarks"),
        }
        return titles.get(kind, kind)

    def _row_of(self, info: ModelInfo) -> ModelRow:
        here = is_file(place_of(info))
        state = self.tr("here") if here else size_of(info)
        details = f"{state} · {translated(info.purpose)} · {licence_of(info)}"
        gets = not here and info.url is not None
        return ModelRow(info.name, translated(info.title), details, here, not info.bundled, gets)

    def _own_row(self, model: ModelFile) -> ModelRow:
        record = model.record
        what = translated(record.description) if record and record.description else self.tr("a model of yours")
        return ModelRow(model.name, model.title, what, True, True, False)

    def _connect(self, row: ModelRow) -> None:
        self.rows[row.name] = row
        row.get_asked.connect(self.get)
        row.remove_asked.connect(self._remove)
        row.cancel_asked.connect(self.work.cancel)

    def _say(self, more: str = "") -> None:
        """What came of all that was asked for since nothing ran, and one thing more; else what the disk holds."""
        self.words.setText("\n".join(filter(None, [*self._said, more])) or self._disk_use())

    def _disk_use(self) -> str:
        folder = models_folder()
        used = sum(p.stat().st_size for p in folder.iterdir() if p.is_file()) if folder.is_dir() else 0
        text = self.tr("{size} MB in {folder}. Drop model files or archives here to import them.")
        return text.format(size=number(used / 1e6), folder=folder)

    # What is done.

    @Slot(str)
    def get(self, name: str) -> None:
        """Download a model."""
        self._forget_said()
        self.rows[name].show_asked(self.work.busy)
        info = next(info for info in catalogue() if info.name == name)
        self.work.start(download_of(info, self._store.value.mirror), name)

    @Slot(str)
    def _remove(self, name: str) -> None:
        def remove(_: CancelToken, __: object) -> str:
            model, size = remove_model(name)
            return self.tr("{model} was removed; {size} MB are free again.").format(
                model=translated(model.title), size=number(size / 1e6)
            )

        self._start(remove, self.tr("Removing …"), ("remove", name))

    @Slot()
    def _verify(self) -> None:
        def verify(cancel: CancelToken, _: object) -> str:
            verdicts = list(verify_models(cancel=cancel))
            bad = [translated(verdict.problem) for verdict in verdicts if verdict.problem]
            return " ".join(bad) or self.tr("%n model(s) checked: all are good.", "", len(verdicts))

        self._start(verify, self.tr("Checking …"), ("verify",))

    def take(self, paths: list[Path]) -> None:
        """Import files, folders and archives."""

        def bring(cancel: CancelToken, _: object) -> str:
            outcomes = list(import_models(paths, cancel=cancel))
            names = [translated(each.what.description) for each in outcomes if isinstance(each, Imported)]
            refused = [translated(each.why) for each in outcomes if not isinstance(each, Imported)]
            text = self.tr("Imported: {names}.").format(names=", ".join(names)) if names else ""
            return " ".join([text, *refused]).strip()

        self._start(bring, self.tr("Importing …"), ("import", *paths))

    def _start(self, work: Work, doing: str, key: Hashable) -> None:
        """Do something, which `doing` says, when what was asked for before has ended."""
        if self.work.has(key):
            return
        self._forget_said()
        self._say(self.tr("This is done when what runs now has ended.") if self.work.busy else doing)

        def done(cancel: CancelToken, tell: Callable[[object], None]) -> object:
            tell(doing)
            return work(cancel, tell)

        self.work.start(done, key)

    def _forget_said(self) -> None:
        if not self.work.busy:
            self._said = []

    @Slot()
    def _ask_for_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Import models"))
        if names:
            self.take([Path(name) for name in names])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Files may be dropped."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Import them."""
        event.acceptProposedAction()
        self.take([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    # What comes of it.

    @Slot(object)
    def _on_progressed(self, progress: DownloadProgress | str) -> None:
        if isinstance(progress, str):
            self._say(progress)
        elif progress.name in self.rows:
            self.rows[progress.name].show_progress(progress)

    @Slot(object)
    def _on_returned(self, sentence: str) -> None:
        self._end(sentence)
        self.changed.emit()

    @Slot(str)
    def _end(self, sentence: str) -> None:
        self._said += [sentence] if sentence else []
        self.refresh()

    @Slot()
    def _on_cancelled(self) -> None:
        self._end(self.tr("Paused; what came so far stays."))
