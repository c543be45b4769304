"""Turning, straightening and cropping a photo before it is restored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import GRID, icon, themes
from app.viewer.crop import carried
from app.viewer.crop_frame import CropFrame
from core.geometry import Geometry, largest_inside, turned
from core.types import Pixels


class StraightenView(QWidget):
    """The crop frame with its controls."""

    accepted = Signal(object)  # Geometry
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.frame = CropFrame()
        self.left, self.right = QToolButton(), QToolButton()
        self.left.setToolTip(self.tr("Turn left"))
        self.right.setToolTip(self.tr("Turn right"))
        self.line = QToolButton()
        self.line.setCheckable(True)
        self.line.setToolTip(self.tr("Draw a line along what should be level or upright (L, or Ctrl and drag)"))
        self.angle = QSlider(Qt.Orientation.Horizontal)
        self.angle.setRange(-450, 450)
        self.angle.setPageStep(10)
        self.angle.setMinimumWidth(15 * GRID)
        self.angle.setAccessibleName(self.tr("Straighten, in tenths of a degree"))
        self.degrees = QLabel()
        self.degrees.setMinimumWidth(7 * GRID)
        self.reset = QPushButton(self.tr("Reset"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.accept = QPushButton(self.tr("Apply"))
        self.accept.setProperty("primary", "true")
        self._lay_out()
        self.left.clicked.connect(lambda: self._turn(3))
        self.right.clicked.connect(lambda: self._turn(1))
        self.angle.valueChanged.connect(self._on_angle)
        self.line.toggled.connect(self.frame.draw_line)
        self.frame.line_drawn.connect(self._on_line_drawn)
        self.frame.degrees_wanted.connect(self._straighten)
        self.reset.clicked.connect(lambda: self._show(Geometry()))
        self.cancel.clicked.connect(self.cancelled)
        self.accept.clicked.connect(self._on_accept)
        themes().changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        turning: list[QWidget] = [self.left, self.right, self.line, self.angle, self.degrees]
        self._parts = upper, lower = QHBoxLayout(), QHBoxLayout()
        for widget in turning:
            upper.addWidget(widget, 1 if widget is self.angle else 0)
        lower.addStretch()
        for widget in (self.reset, self.cancel, self.accept):
            lower.addWidget(widget)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._rows.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        self._rows.addLayout(upper, 1)
        self._rows.addLayout(lower)
        for row in (upper, lower, self._rows):
            row.setSpacing(GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.frame, 1)
        column.addLayout(self._rows)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Two rows of controls where one would cut them."""
        super().resizeEvent(event)
        narrow = self.width() < sum(part.minimumSize().width() for part in self._parts) + 5 * GRID
        self._rows.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """That of two rows of controls."""
        width = max(part.minimumSize().width() for part in self._parts) + 4 * GRID
        return QSize(width, super().minimumSizeHint().height())

    def set_photo(self, pixels: Pixels, geometry: Geometry) -> None:
        """Work on a photo as its file has it."""
        self.frame.set_photo(pixels, geometry)
        self._show(geometry)
        self.line.setChecked(False)
        self.frame.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Return applies, or presses the button that has the focus; Escape leaves, L is for drawing a line."""
        focused = self.focusWidget()
        match event.key():
            case Qt.Key.Key_L:
                self.line.toggle()
            case Qt.Key.Key_Escape if self.line.isChecked():
                self.line.setChecked(False)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if isinstance(focused, QAbstractButton):
                focused.click()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._on_accept()
            case Qt.Key.Key_Escape:
                self.cancelled.emit()
            case _:
                super().keyPressEvent(event)

    def _show(self, geometry: Geometry) -> None:
        blocker = QSignalBlocker(self.angle)
        self.angle.setValue(round(geometry.degrees * 10))
        del blocker
        self.degrees.setText(f"{geometry.degrees:+.1f}°" if geometry.degrees else "0°")
        self.frame.set_geometry(geometry)

    def _turn(self, quarters: int) -> None:
        self._show(turned(self.frame.geometry_, quarters, self.frame.photo_size))

    @Slot(int)
    def _on_angle(self, tenths: int) -> None:
        self._straighten(tenths / 10)

    @Slot(float)
    def _straighten(self, degrees: float) -> None:
        """A crop stays what it is of the largest one."""
        geometry, size = self.frame.geometry_, self.frame.photo_size
        straightened = replace(geometry, degrees=degrees, crop=None)
        old, new = largest_inside(replace(geometry, crop=None), size), largest_inside(straightened, size)
        crop = carried(self.frame.crop, old, new)
        whole = degrees == 0 and np.allclose(crop, new, atol=0.5)
        self._show(replace(straightened, crop=None if whole else crop))

    @Slot()
    def _on_line_drawn(self) -> None:
        self.line.setChecked(False)

    @Slot()
    def _on_accept(self) -> None:
        self.accepted.emit(self.frame.geometry_)

    @Slot()
    def _restyle(self) -> None:
        self.left.setIcon(icon("rotate-left"))
        self.right.setIcon(icon("rotate-right"))
        self.line.setIcon(icon("spirit-level"))
