"""The first step of a training: the faces to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.settings.fields import note
from app.settings.settings import SettingsStore
from app.strip.opening import dialog_filter, has_photos, paths_in
from app.theme import GRID, icon, themes
from app.training.collecting import Progress
from app.training.collection import Collection
from app.training.faces_model import FacesModel
from app.training.faces_view import FacesView
from app.training.histogram import Histogram
from trainer.dataset import FaceRecord
from trainer.quality import Reason
from trainer.report import FEW, USUAL

Photos = Callable[[], list[Path]]
"""The photos that are open in the window."""


class FacesPage(QWidget):
    """Photos are dropped here, or taken from the window's strip; their faces are shown with what speaks against
    them."""

    next_asked = Signal()

    def __init__(self, collection: Collection, store: SettingsStore, photos: Photos) -> None:
        super().__init__()
        self.collection, self._store, self._photos = collection, store, photos
        self.model: FacesModel = collection.model
        self.setAcceptDrops(True)
        self.view = FacesView(self.model)
        self.counts, self.enough, self.words = QLabel(), note(""), note("")
        self.counts.setObjectName("heading")
        self.place = QLabel()
        self.place.setObjectName("secondary")
        self.filter = QComboBox()
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.filter.setAccessibleName(self.tr("Which faces are shown"))
        self.grey = QCheckBox(self.tr("Also without colour"))
        self.sizes = Histogram(self.tr("Size of the face in its photo"), self.tr("px"))
        self.sharpness = Histogram(self.tr("Sharpness"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel = QPushButton(self.tr("Stop"))
        self.add, self.folder = QPushButton(self.tr("Add &photos…")), QPushButton(self.tr("Add a &folder…"))
        self.queue = QPushButton(self.tr("Take the &open photos"))
        self.other, self.reveal = QPushButton(self.tr("Other co&llection…")), QPushButton(self.tr("Show folder"))
        self.next = QPushButton(self.tr("&Continue"))
        self.next.setProperty("primary", "true")
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        self.mark = QLabel()
        self.mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = QLabel(self.tr("Drop good photos of faces here"))
        title.setObjectName("title")
        hint = QLabel(
            self.tr(
                "Sharp, large and in colour: the model learns from them how these faces look.\n"
                "Your photos are only read. The faces are cut out and kept in the collection's folder."
            )
        )
        hint.setObjectName("secondary")
        self.empty = QWidget()
        column = QVBoxLayout(self.empty)
        column.addStretch()
        for widget in (self.mark, title, hint):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
            column.addSpacing(GRID)
        column.addStretch()
        self.stack = QStackedLayout()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.view)
        adding = _row(self.add, self.folder, self.queue, None, self.other, self.reveal)
        showing = _row(self.counts, None, self.grey, self.filter)
        working = _row(self.bar, self.cancel)
        working.setStretch(0, 1)
        plots = _row(self.sizes, self.sharpness)
        plots.setSpacing(4 * GRID)
        ending = QHBoxLayout()
        ending.addWidget(self.enough, 1)
        ending.addWidget(self.next, alignment=Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(adding)
        column.addWidget(self.place)
        column.addLayout(showing)
        column.addLayout(working)
        column.addWidget(self.words)
        column.addLayout(self.stack, 1)
        column.addLayout(plots)
        column.addLayout(ending)

    def _connect(self) -> None:
        self.add.clicked.connect(self._ask_for_photos)
        self.folder.clicked.connect(self._ask_for_folder)
        self.queue.clicked.connect(self._take_open_photos)
        self.other.clicked.connect(self._ask_for_collection)
        self.reveal.clicked.connect(self._show_folder)
        self.cancel.clicked.connect(self.collection.cancel)
        self.next.clicked.connect(self.next_asked)
        self.grey.toggled.connect(self._on_grey)
        self.filter.activated.connect(self._on_filter)
        self.collection.changed.connect(self._refresh)
        self.collection.told.connect(self._tell)
        self.collection.progressed.connect(self._on_progress)
        self.model.counted.connect(self._refresh)
        themes().changed.connect(self._restyle)
        self._restyle()

    # What comes in.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Photos and folders may be dropped anywhere on the page."""
        if has_photos(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Add them."""
        event.acceptProposedAction()
        self.collection.add(paths_in(event.mimeData()))

    @Slot()
    def _ask_for_photos(self) -> None:
        kinds = dialog_filter(self.tr("Photos"))
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Add photos"), "", kinds)
        if names:
            self.collection.add([Path(name) for name in names])

    @Slot()
    def _ask_for_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Add a folder of photos"))
        if name:
            self.collection.add([Path(name)])

    @Slot()
    def _take_open_photos(self) -> None:
        photos = self._photos()
        if photos:
            self.collection.add(photos)
        else:
            self._tell(self.tr("No photo is open in the window."))

    @Slot()
    def _ask_for_collection(self) -> None:
        start = str(self.collection.folder.parent)
        name = QFileDialog.getExistingDirectory(self, self.tr("A folder for faces"), start)
        if name:
            self._store.change(faces_folder=name)
            self.collection.open(Path(name))

    @Slot()
    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.collection.folder)))

    @Slot(bool)
    def _on_grey(self, keep: bool) -> None:
        self.collection.set_limits(replace(self.collection.limits, keep_grey=keep))

    # What there is.

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.words.setText(
            progress.note
            or self.tr("{done} of {total} photos: {name}").format(
                done=progress.done, total=progress.total, name=progress.photo
            )
        )

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence) or self.collection.busy)

    @Slot(int)
    def _on_filter(self, _: int) -> None:
        wanted = self.filter.currentData()
        self.model.show_only(lambda face: is_of(face, wanted))

    @Slot()
    def _refresh(self) -> None:
        faces, accepted, busy = self.model.faces, self.model.accepted, self.collection.busy
        self.place.setText(self.tr("Collection: {folder}").format(folder=self.collection.folder))
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.words.setVisible(bool(self.words.text()))
        self.stack.setCurrentIndex(1 if faces else 0)
        for widget in (self.counts, self.grey, self.filter, self.sizes, self.sharpness):
            widget.setVisible(bool(faces))
        for button in (self.other, self.grey):
            button.setEnabled(not busy)
        self.reveal.setEnabled(self.collection.folder.exists())
        self.counts.setText(self.tr("%n face(s) to learn from", "", accepted))
        self._fill_filter(accepted)
        limits = self.collection.limits
        self.sizes.set_values([face.measures.native_size for face in faces], limits.min_size)
        # Where grain hides everything the measure has no meaning; the axis ends there.
        self.sharpness.set_values([max(face.measures.sharpness, -6.0) for face in faces], limits.min_sharpness)
        self.enough.setText(self._whether_enough(accepted) if faces else "")
        self.next.setEnabled(accepted > 0 and not busy)

    def _fill_filter(self, accepted: int) -> None:
        of = list(self.model.faces)
        reasons = Counter(Reason(reason) for face in of if not face.usable for reason in face.reasons)
        entries: list[tuple[str, object]] = [
            (self.tr("All faces: {count}").format(count=len(of)), "all"),
            (self.tr("To learn from: {count}").format(count=accepted), "accepted"),
            (self.tr("Left out: {count}").format(count=len(of) - accepted), "left out"),
            *((f"{self._words_for(reason)}: {count}", reason) for reason, count in reasons.most_common()),
        ]
        chosen = self.filter.currentData()
        self.filter.clear()
        for text, data in entries:
            self.filter.addItem(text, data)
        self.filter.setCurrentIndex(max(0, self.filter.findData(chosen)))

    def _words_for(self, reason: Reason) -> str:
        return {
            Reason.SMALL: self.tr("Too small"),
            Reason.BLURRED: self.tr("Blurred"),
            Reason.POSE: self.tr("Turned away"),
            Reason.CUT: self.tr("Cut by the border"),
            Reason.DUPLICATE: self.tr("As one before"),
            Reason.GREY: self.tr("Without colour"),
            Reason.MISSING: self.tr("Picture gone"),
        }[reason]

    def _whether_enough(self, accepted: int) -> str:
        if accepted < FEW:
            return self.tr(
                "For one person at least {few} varied faces are wanted, for many people {usual} or more. "
                "Larger and sharper photos help most. A click on a face takes it or leaves it out."
            ).format(few=FEW, usual=USUAL)
        if accepted < USUAL:
            return self.tr(
                "Enough for one person, if light, expression and pose vary. For many people {usual} or more are "
                "wanted. A click on a face takes it or leaves it out."
            ).format(usual=USUAL)
        return self.tr("A good start, also for many people. Look through them: a click leaves a face out.")

    @Slot()
    def _restyle(self) -> None:
        self.mark.setPixmap(icon("account-box-multiple-outline").pixmap(56, 56))
        self.view.viewport().update()


def is_of(face: FaceRecord, wanted: object) -> bool:
    """Whether a face is of those that a filter names: "all", "accepted", "left out", or a reason."""
    if wanted in ("accepted", "left out"):
        return face.usable == (wanted == "accepted")
    return wanted in (None, "all") or (not face.usable and wanted in face.reasons)


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Side by side; None is a gap that grows."""
    row = QHBoxLayout()
    row.setSpacing(GRID)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row
