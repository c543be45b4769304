"""All keys and gestures on one page."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.actions import entries
from app.forms import make_form
from app.settings.fields import heading
from app.theme import GRID


class KeysDialog(QDialog):
    """Beside the window. What it lists is made of the actions, and of what views say of themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys and gestures"))
        self.resize(72 * GRID, 72 * GRID)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(0, 0, GRID, 0)
        self._add(self.tr("On the photo"), self._gestures())
        self._add(self.tr("While straightening"), self._straightening())
        self._add(self.tr("Anywhere"), _shortcuts())
        self.column.addStretch()
        scrolled = QScrollArea()
        scrolled.setWidgetResizable(True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setWidget(body)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.addWidget(scrolled, 1)
        column.addWidget(buttons)

    def _gestures(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Space, held"), self.tr("see the photo as it was")),
            (self.tr("Wheel"), self.tr("zoom to the pointer")),
            (self.tr("+ and −"), self.tr("zoom")),  # noqa: RUF001
            (self.tr("Arrows"), self.tr("move the photo, or go to the next face that way")),
            (self.tr("Drag, or middle button"), self.tr("move the photo")),
            (self.tr("Double click"), self.tr("the whole photo, or 100 %")),
            (self.tr("Click on a face"), self.tr("choose it; once more leaves it out")),
            (self.tr("Tab, Shift and Tab"), self.tr("choose the next face, or the one before")),
            (self.tr("Return"), self.tr("leave out the chosen face, or include it")),
            (self.tr("P"), self.tr("move its eyes, nose and mouth by arrows")),
            (self.tr("Delete"), self.tr("take away what is no face")),
            (self.tr("Menu key, or right click"), self.tr("all that can be done with a face")),
            (self.tr("Shift and arrows"), self.tr("move the divider")),
            (self.tr("[ and ], Shift and wheel"), self.tr("zoom of the lens")),
            (self.tr("[ and ], Alt and wheel"), self.tr("size of the brush")),
            (self.tr("{ and }"), self.tr("softness of its edge")),
            (self.tr("Escape"), self.tr("put the tool away, or choose no face")),
        ]

    def _straightening(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Drag outside the frame"), self.tr("turn the photo")),
            (self.tr("L, or Ctrl and drag"), self.tr("draw a line along what should be level or upright")),
            (self.tr("Arrows"), self.tr("move the frame; with Shift its lower right corner")),
            (self.tr("Return"), self.tr("apply")),
            (self.tr("Escape"), self.tr("leave it as it was")),
        ]

    def _add(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        self.column.addWidget(heading(title))
        form = make_form()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for keys, words in rows:
            left = QLabel(keys)
            left.setObjectName("secondary")
            left.setMinimumWidth(24 * GRID)
            left.setAlignment(Qt.AlignmentFlag.AlignLeft)
            form.addRow(left, QLabel(words))
        self.column.addLayout(form)
        self.column.addSpacing(2 * GRID)


def _shortcuts() -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    undoing = [
        (QKeySequence(keys).toString(native), QCoreApplication.translate("MenuBar", text).replace("&", ""))
        for keys, text in ((QKeySequence.StandardKey.Undo, "&Undo"), (QKeySequence.StandardKey.Redo, "&Redo"))
    ]
    return undoing + [
        (
            QKeySequence(entry.keys).toString(native),
            QCoreApplication.translate("Actions", str(entry.text)).replace("&", "").rstrip("…"),
        )
        for entry in entries()
        if entry.keys
    ]
