"""The losses of a run as curves. Only imported when they are to be seen: pyqtgraph takes its time."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QSlider, QSpinBox, QVBoxLayout, QWidget

from app.amounts import number
from app.theme import GRID, current, themes
from app.training.history import Curve, History

COLORS_DARK = ("#4CC2B4", "#E8B04B", "#8AB4F8", "#F08A80", "#B79CF0", "#7BC77E", "#E28CC7", "#A6A9AE")
COLORS_LIGHT = ("#0B7A70", "#9A6700", "#1A5FB4", "#B3261E", "#6B3FA0", "#2C6E2F", "#A02C75", "#565B62")

_PACE = 250  # ms between two drawings
_POINTS = 600  # of a curve
_COLUMNS = 5  # of names
MEASURED = ("real_", "fake_", "variety", "augmentation")
"""Beginnings of names that are no losses; they are off at first."""

Array = npt.NDArray[np.float64]


def smoothed(values: Array, factor: float) -> Array:
    """An exponential average, (N,) -> (N,): `factor` in [0, 1) of each value comes from those before."""
    if factor <= 0 or not len(values):
        return values
    # In blocks in which no power of the factor underflows. scipy.signal has this, and takes two seconds to import.
    size = int(200 / -math.log(factor)) + 1
    powers = factor ** np.arange(1, min(size, len(values)) + 1)
    result, before = np.empty_like(values), values[0]
    for start in range(0, len(values), size):
        block = values[start : start + size]
        power = powers[: len(block)]
        made = result[start : start + size]
        made[:] = power * (before + (1 - factor) * np.cumsum(block / power))
        before = made[-1]
    return result


def thinned(steps: Array, values: Array, most: int) -> tuple[Array, Array]:
    """A curve of at most about `most` points that looks the same: the least and the greatest of each few."""
    each = -(-2 * len(values) // most)
    if each <= 2:
        return steps, values
    whole = len(values) // each * each
    groups = values[:whole].reshape(-1, each)
    places = np.sort(np.stack([groups.argmin(axis=1), groups.argmax(axis=1)], axis=1), axis=1)
    chosen = np.append((places + np.arange(0, whole, each)[:, None]).ravel(), len(values) - 1)
    return steps[chosen], values[chosen]


class LossPlot(QWidget):
    """Every curve can be hidden; raw values lie faint behind the smoothed ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = History()
        self._raw: dict[str, pg.PlotDataItem] = {}
        self._smooth: dict[str, pg.PlotDataItem] = {}
        self.boxes: dict[str, QCheckBox] = {}
        self.plot = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.setAccessibleName(self.tr("Losses over the steps"))
        self.plot.setMinimumHeight(24 * GRID)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setValue(90)
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        self.smoothing.setFixedWidth(14 * GRID)
        self.amount = QLabel()
        self.amount.setFixedWidth(4 * GRID)
        self.raw = QCheckBox(self.tr("Raw values"))
        self.raw.setChecked(True)
        self.log = QCheckBox(self.tr("Logarithmic"))
        self.hidden = QSpinBox()
        self.hidden.setRange(0, 10_000_000)
        self.hidden.setSingleStep(50)
        self.hidden.setSuffix(self.tr(" steps"))
        self.hidden.lineEdit().setTextMargins(GRID // 2, 0, 0, 0)
        self.hidden.setAccessibleName(self.tr("Hide the first steps"))
        self._timer = QTimer(self, interval=_PACE)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.draw)
        self._lay_out()
        self.plot.sigXRangeChanged.connect(self.update_soon)
        self.smoothing.valueChanged.connect(self.draw)
        self.hidden.valueChanged.connect(self.draw)
        self.raw.toggled.connect(self.draw)
        self.log.toggled.connect(self._on_log)
        themes().changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        options = QHBoxLayout()
        options.setSpacing(GRID)
        smoothing, hide = QLabel(self.tr("Smoothing")), QLabel(self.tr("Hide the first"))
        for widget in (smoothing, self.smoothing, self.amount, self.raw, self.log):
            options.addWidget(widget)
        options.addStretch()
        hiding = QHBoxLayout()
        hiding.setSpacing(GRID)
        hiding.addWidget(hide)
        hiding.addWidget(self.hidden)
        hiding.addStretch()
        self._names = QGridLayout()
        self._names.setHorizontalSpacing(2 * GRID)
        self._names.setVerticalSpacing(0)
        self._names.setColumnStretch(_COLUMNS, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(self._names)
        column.addWidget(self.plot, 1)
        column.addLayout(options)
        column.addLayout(hiding)

    def set_history(self, history: History) -> None:
        """Show another run."""
        self._history = history
        for items in (self._raw, self._smooth):
            for item in items.values():
                self.plot.removeItem(item)
            items.clear()
        for box in self.boxes.values():
            self._names.removeWidget(box)
            box.deleteLater()
        self.boxes.clear()
        self.draw()

    @Slot()
    def update_soon(self) -> None:
        """The history has grown, or another part of it is looked at."""
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def draw(self) -> None:
        """Draw all curves."""
        factor = self.smoothing.value() / 100
        self.amount.setText(number(factor, 2))
        for name, curve in self._history.curves.items():
            if name not in self.boxes:
                self._add(name)
            shown = self.boxes[name].isChecked()
            steps, values = self._points(curve)
            self._raw[name].setVisible(shown and self.raw.isChecked())
            self._smooth[name].setVisible(shown)
            if shown:
                # Not by pyqtgraph, which leaves so many points that painting them takes seconds.
                if self.raw.isChecked():
                    self._raw[name].setData(*thinned(steps, values, _POINTS))
                self._smooth[name].setData(*thinned(steps, smoothed(values, factor), _POINTS))

    def _points(self, curve: Curve) -> tuple[Array, Array]:
        # Copies: an array that numpy looks into cannot grow.
        steps, values = np.array(curve.steps), np.array(curve.values)
        low, high = float(self.hidden.value()), np.inf
        box = self.plot.getViewBox()
        if not box.autoRangeEnabled()[0]:  # the user has zoomed
            left, right = box.viewRange()[0]
            low, high = max(low, left), right
        first, last = np.searchsorted(steps, [low, high], "right")
        first = max(0, first - 1) if low > self.hidden.value() else first
        return steps[first : last + 1], values[first : last + 1]

    def _add(self, name: str) -> None:
        for items in (self._raw, self._smooth):
            item = pg.PlotDataItem(connect="finite")
            item.setLogMode(False, self.log.isChecked())
            self.plot.addItem(item)
            items[name] = item
        box = self.boxes[name] = QCheckBox(name.replace("_", " "))
        box.setChecked(not name.startswith(MEASURED))
        box.toggled.connect(self.draw)
        place = len(self.boxes) - 1
        self._names.addWidget(box, place // _COLUMNS, place % _COLUMNS)
        self._restyle()

    @Slot(bool)
    def _on_log(self, log: bool) -> None:
        self.plot.setLogMode(False, log)
        self.draw()

    @Slot()
    def _restyle(self) -> None:
        theme = current()
        colors = COLORS_DARK if theme.dark else COLORS_LIGHT
        self.plot.setBackground(theme.panel)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.secondary))
        self.plot.showGrid(x=False, y=True, alpha=0.15)
        for place, name in enumerate(self.boxes):
            color = colors[place % len(colors)]
            faint = pg.mkColor(color)
            faint.setAlpha(70)
            self._raw[name].setPen(pg.mkPen(faint, width=1))
            self._smooth[name].setPen(pg.mkPen(color, width=2))
            self.boxes[name].setStyleSheet(f"QCheckBox {{ color: {color}; }}")
