"""Asks once how photos are exported, and shows what their files will be called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, QStandardPaths, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.document.library import PhotoEntry
from app.export.plan import FIELDS, ExportOptions, example
from app.forms import add_row, make_form
from app.theme import GRID
from app.translation import translated
from core.encoding import CONTAINERS, WRITES_HEIC, OutputFormat
from core.errors import UsageError
from core.outputs import OnExists


class ExportDialog(QDialog):
    """Beside the window, not in its way. `wanted` tells the options.

    `own` is the folder in which the program keeps its files: photos in there (pasted ones) are not exported beside
    themselves, where nobody would find them.
    """

    wanted = Signal(list, object)  # keys, ExportOptions

    def __init__(
        self,
        photos: Sequence[PhotoEntry],
        options: ExportOptions,
        parent: QWidget | None = None,
        own: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._photos = list(photos)
        self._hidden = any(own in photo.path.parents for photo in photos)
        self.setWindowTitle(self.tr("Export %n photo(s)", "", len(self._photos)))
        self.setMinimumWidth(68 * GRID)
        self.beside = QRadioButton(self.tr("Beside each photo"))
        self.into = QRadioButton(self.tr("Into the folder"))
        self.folder = QLineEdit()
        self.choose = QPushButton(self.tr("Choose…"))
        self.pattern = QLineEdit()
        self.example = QLabel()
        self.example.setObjectName("secondary")
        self.example.setWordWrap(True)
        self.format = QComboBox()
        self.quality = QSpinBox()
        self.quality.setRange(0, 100)
        self.quality.setSpecialValueText(self.tr("As the photo was"))
        self.quality.lineEdit().setTextMargins(GRID // 2, 0, 0, 0)
        self.bits = QComboBox()
        self.exists = QComboBox()
        self.metadata = QCheckBox(self.tr("Keep date, place and other metadata"))
        self.terms = QCheckBox(self.tr("Note the model and its licence in the metadata"))
        self.times = QCheckBox(self.tr("Keep the photo's time stamps"))
        self.crops = QCheckBox(self.tr("Also each restored face"))
        self.before_after = QCheckBox(self.tr("Also a picture before and after"))
        self.animation = QCheckBox(self.tr("Also an animation from before to after (WebP)"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(self.tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setProperty("primary", "true")
        self._fill()
        self._lay_out(buttons)
        self.set_options(options)
        self._connect(buttons)
        self._update()

    def _fill(self) -> None:
        names = {
            OutputFormat.KEEP: self.tr("As the photo is"),
            OutputFormat.PNG: "PNG",
            OutputFormat.JPG: "JPEG",
            OutputFormat.WEBP: "WebP",
            OutputFormat.TIFF: "TIFF",
            OutputFormat.HEIC: "HEIC",
            OutputFormat.AVIF: "AVIF",
        }
        if not WRITES_HEIC:
            del names[OutputFormat.HEIC]
        for form, name in names.items():
            self.format.addItem(name, form)
        self.bits.addItem(self.tr("As the photo has it"), None)
        self.bits.addItem(self.tr("8 bits a channel"), 8)
        self.exists.addItem(self.tr("Give the new one another name"), OnExists.UNIQUE)
        self.exists.addItem(self.tr("Replace it"), OnExists.OVERWRITE)
        self.exists.addItem(self.tr("Leave the photo out"), OnExists.SKIP)

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        form = make_form()
        place = QHBoxLayout()
        place.setSpacing(GRID)
        for widget in (self.folder, self.choose):
            place.addWidget(widget)
        add_row(form, self.tr("Where to"), self.beside)
        form.addRow("", self.into)
        form.addRow("", place)
        add_row(form, self.tr("&Name"), self.pattern)
        form.addRow("", self.example)
        add_row(form, self.tr("&Format"), self.format)
        add_row(form, self.tr("&Quality"), self.quality)
        add_row(form, self.tr("&Depth"), self.bits)
        add_row(form, self.tr("Where a &file is in the way"), self.exists)
        for box in (self.metadata, self.terms, self.times, self.crops, self.before_after, self.animation):
            form.addRow("", box)
        self.body = QWidget()
        self.body.setLayout(form)
        self.scrolled = QScrollArea()
        self.scrolled.setWidgetResizable(True)
        self.scrolled.setFrameShape(QFrame.Shape.NoFrame)
        self.scrolled.setWidget(self.body)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self.scrolled)
        column.addWidget(buttons)
        self.pattern.setToolTip(", ".join(f"{{{name}}}" for name in FIELDS))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """As large as its fields, as far as the screen goes; then they are scrolled."""
        super().showEvent(event)
        room = self.screen().availableGeometry().size() - QSize(8 * GRID, 8 * GRID)
        rest = self.sizeHint().height() - self.scrolled.sizeHint().height()
        wanted = self.body.sizeHint() + QSize(6 * GRID, rest)
        if wanted.height() > room.height():
            wanted += QSize(self.scrolled.verticalScrollBar().sizeHint().width(), 0)
        self.resize(wanted.expandedTo(self.minimumSize()).boundedTo(room))

    def _connect(self, buttons: QDialogButtonBox) -> None:
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        self.choose.clicked.connect(self._choose_folder)
        for radio in (self.beside, self.into):
            radio.toggled.connect(self._update)
        for field in (self.folder, self.pattern):
            field.textChanged.connect(self._update)
        self.format.currentIndexChanged.connect(self._update)

    def set_options(self, options: ExportOptions) -> None:
        """Show these options."""
        self._options = options
        folder = options.folder or (_pictures_folder() if self._hidden else None)
        self.into.setChecked(folder is not None)
        self.beside.setChecked(folder is None)
        self.beside.setEnabled(not self._hidden)
        self.folder.setText("" if folder is None else str(folder))
        self.pattern.setText(options.pattern)
        self.format.setCurrentIndex(max(0, self.format.findData(options.format)))
        self.quality.setValue(options.quality or 0)
        self.bits.setCurrentIndex(self.bits.findData(options.bits))
        self.exists.setCurrentIndex(self.exists.findData(options.on_exists))
        self.metadata.setChecked(options.metadata)
        self.terms.setChecked(options.terms)
        self.times.setChecked(options.keep_times)
        self.crops.setChecked(options.crops)
        self.before_after.setChecked(options.before_after)
        self.animation.setChecked(options.animation)

    def options(self) -> ExportOptions:
        """What is chosen."""
        return replace(
            self._options,
            folder=self._folder() if self.into.isChecked() else None,
            pattern=self.pattern.text(),
            format=OutputFormat(self.format.currentData()),
            quality=self.quality.value() or None,
            bits=self.bits.currentData(),
            on_exists=OnExists(self.exists.currentData()),
            metadata=self.metadata.isChecked(),
            terms=self.terms.isChecked(),
            keep_times=self.times.isChecked(),
            crops=self.crops.isChecked(),
            before_after=self.before_after.isChecked(),
            animation=self.animation.isChecked(),
        )

    def _folder(self) -> Path:
        # Not of pathlib, which raises an error where ~ names somebody unknown.
        return Path(os.path.expanduser(self.folder.text().strip()))  # noqa: PTH111

    def problem(self) -> str:
        """Why it cannot be exported like this, in a sentence; "" where it can."""
        options = self.options()
        if self.into.isChecked() and not self.folder.text().strip():
            return self.tr("Choose a folder.")
        if options.folder is not None and not options.folder.is_absolute():
            return self.tr("Choose a folder, or give its whole path.")
        try:
            self.example.setText(self._example(options))
        except UsageError as error:
            return translated(str(error))
        return ""

    def _example(self, options: ExportOptions) -> str:
        if not self._photos:
            return ""
        photo = self._photos[0]
        suffix = photo.path.suffix
        if options.format is not OutputFormat.KEEP:
            name = {"jpg": "JPEG", "heic": "HEIF"}.get(options.format, options.format.upper())
            suffix = CONTAINERS[name].suffixes[0]
        name = example(options, photo.path, photo.decisions.upscale, suffix)
        return self.tr("{name} becomes {result}").format(name=photo.name, result=name)

    @Slot()
    def _update(self) -> None:
        into = self.into.isChecked()
        self.folder.setEnabled(into)
        self.choose.setEnabled(into)
        lossless = self.format.currentData() in (OutputFormat.PNG, OutputFormat.TIFF)
        self.quality.setEnabled(not lossless)
        deep = (OutputFormat.KEEP, OutputFormat.PNG, OutputFormat.TIFF, OutputFormat.HEIC)
        self.bits.setEnabled(self.format.currentData() in deep)
        problem = self.problem()
        if problem:
            self.example.setText(problem)
        self.go.setEnabled(not problem)

    @Slot()
    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Export into"), str(self._folder()))
        if name:
            self.folder.setText(name)

    @Slot()
    def _on_accepted(self) -> None:
        self.wanted.emit([photo.key for photo in self._photos], self.options())
        self.accept()


def _pictures_folder() -> Path:
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(pictures) if pictures else Path.home()
