"""A small chart of how some measurement is spread, with the limit that is set for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.amounts import number
from app.theme import GRID, current

BARS = 24
HEIGHT = 11 * GRID


class Histogram(QWidget):
    """Bars from the least to the greatest value; those beyond the limit are faint."""

    def __init__(self, title: str, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._unit = title, unit
        self._counts = np.zeros(0)
        self._low, self._high, self._limit = 0.0, 1.0, 0.0
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(22 * GRID)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_values(self, values: Sequence[float], limit: float) -> None:
        """Show these values; what is below the limit is left out."""
        self._limit = limit
        self._low, self._high = min([*values, limit]), max([*values, limit])
        if self._high <= self._low:
            self._high = self._low + 1.0
        self._counts, _ = np.histogram(values, BARS, (self._low, self._high))
        self.setAccessibleName(self._title)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """Paint it."""
        theme, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(theme.secondary))
        width, line = float(self.width()), 16.0
        painter.drawText(QRectF(0, 0, width, line), Qt.AlignmentFlag.AlignLeft, self._title)
        area = QRectF(0, line + 4, width, self.height() - 2 * line - 8)
        painter.fillRect(QRectF(0, area.bottom(), width, 1), QColor(theme.border))
        bottom = QRectF(0, area.bottom() + 3, width, line)
        if not self._counts.any():
            return
        step = width / BARS
        at = (self._limit - self._low) / (self._high - self._low) * width
        painter.setPen(Qt.PenStyle.NoPen)
        for place, count in enumerate(self._counts):
            if count:
                height = max(2.0, area.height() * count / self._counts.max())
                below = (place + 0.5) * step < at
                painter.setBrush(QColor(theme.border if below else theme.accent))
                painter.drawRoundedRect(
                    QRectF(place * step + 1, area.bottom() - height, step - 2, height), 1.5, 1.5
                )
        painter.setPen(QPen(QColor(theme.warning), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(round(at), round(area.top()), round(at), round(area.bottom()))
        painter.setPen(QColor(theme.secondary))
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft, self._number(self._low))
        painter.drawText(bottom, Qt.AlignmentFlag.AlignRight, self._number(self._high))
        if 0.2 * width < at < 0.75 * width:
            words = QRectF(at - 60, bottom.y(), 120, line)
            painter.drawText(words, Qt.AlignmentFlag.AlignHCenter, self._number(self._limit))

    def _number(self, value: float) -> str:
        return f"{number(value)} {self._unit}" if self._unit else number(value, 1)
