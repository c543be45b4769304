"""Rows of labels and fields that stand on one line, and lists that are filled anew."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFormLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QWidget,
)

from app.theme import CONTROL, GRID


def make_form(parent: QWidget | None = None) -> QFormLayout:
    """An empty form on the grid."""
    form = QFormLayout(parent) if parent is not None else QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(2 * GRID)
    form.setVerticalSpacing(GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def add_row(form: QFormLayout, text: str, field: QWidget | QLayout, buddy: QWidget | None = None) -> QLabel:
    """A field with its label at the same height; Alt with the marked letter goes to the field, or to `buddy`. The
    wheel scrolls past the field."""
    label = QLabel(text)
    label.setMinimumHeight(CONTROL)
    if buddy is not None:
        label.setBuddy(buddy)
    elif isinstance(field, QWidget):
        label.setBuddy(field)
    form.addRow(label, field)
    if isinstance(field, QComboBox | QAbstractSlider | QAbstractSpinBox):
        scroll_past(field)
    return label


def refill(area: QScrollArea, widget: QWidget) -> None:
    """Show another widget. The one before goes later, for it may be handling the click that changes it."""
    before, focused = area.widget(), QApplication.focusWidget()
    if before is not None and focused is not None and before.isAncestorOf(focused):
        focused.clearFocus()  # else the next widget of the window gets it, and the rest of what is typed
    area.takeWidget()
    area.setWidget(widget)
    if before is not None:
        before.deleteLater()


def scroll_past(field: QWidget) -> None:
    """Let the wheel change a field only where that has the focus: else it is the form that shall be scrolled."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.installEventFilter(_Wheel(field))


class _Wheel(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Leave the wheel to what is around the field."""
        if event.type() is QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False
