"""Rows of labels and fields that stand on one line."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLabel, QLayout, QWidget

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
    """A field with its label at the same height; Alt with the marked letter goes to the field, or to `buddy`."""
    label = QLabel(text)
    label.setMinimumHeight(CONTROL)
    if buddy is not None:
        label.setBuddy(buddy)
    elif isinstance(field, QWidget):
        label.setBuddy(field)
    form.addRow(label, field)
    return label
