"""The held-out faces of a run through time, each beside what it was."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.amounts import number
from app.settings.fields import heading
from app.theme import GRID, current
from app.training.history import History

_STEP = 0.05


class DividedPicture(QWidget):
    """Two pictures of one face, left and right of a line that can be dragged, or moved with the arrow keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left, self._right = QPixmap(), QPixmap()
        self._words = ("", "")
        self.share = 0.5
        self.setMinimumSize(QSize(28 * GRID, 28 * GRID))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)

    def set_pictures(self, left: QPixmap, right: QPixmap, words: tuple[str, str]) -> None:
        """Show these, with what they are."""
        self._left, self._right, self._words = left, right, words
        self.setAccessibleName(" / ".join(words))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Put the line there."""
        self._move(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move it by a bit."""
        by = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.share = min(1.0, max(0.0, self.share + by))
            self.update()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """Paint both."""
        theme, painter = current(), QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place = self._place()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.canvas))
        painter.drawRoundedRect(place, 6, 6)
        if self._right.isNull():
            painter.setPen(QColor(theme.secondary))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("The first samples come soon"))
            return
        line = place.left() + self.share * place.width()
        for picture, left, right in (
            (self._left, place.left(), line),
            (self._right, line, place.right() + 1),
        ):
            painter.setClipRect(QRectF(left, place.top(), right - left, place.height()))
            painter.drawPixmap(place, picture, QRectF(picture.rect()))
        painter.setClipping(False)
        painter.setPen(QPen(QColor("#FFFFFF"), 2))
        painter.drawLine(QPointF(line, place.top()), QPointF(line, place.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#FFFFFF"))
        painter.drawEllipse(QPointF(line, place.center().y()), GRID, GRID)
        self._paint_words(painter, place)

    def _paint_words(self, painter: QPainter, place: QRectF) -> None:
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        for words, right in zip(self._words, (False, True), strict=True):
            width = painter.fontMetrics().horizontalAdvance(words) + 2 * GRID
            x = place.right() - width - GRID if right else place.left() + GRID
            box = QRectF(x, place.bottom() - 4 * GRID, width, 3 * GRID)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 150))
            painter.drawRoundedRect(box, 6, 6)
            painter.setPen(QColor("#FFFFFF"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _place(self) -> QRectF:
        side = float(min(self.width(), self.height()))
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _move(self, x: float) -> None:
        place = self._place()
        self.share = min(1.0, max(0.0, (x - place.left()) / place.width()))
        self.update()


class Previews(QWidget):
    """One face at one step, beside the base model's result, the degraded input or the truth."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = History()
        self._steps: list[int] = []
        self._follows = True
        self.picture = DividedPicture()
        self.beside = QComboBox()
        self.beside.setAccessibleName(self.tr("What it is compared with"))
        for words, name in (
            (self.tr("The model before"), "base"),
            (self.tr("What it was given"), "input"),
            (self.tr("How it should be"), "truth"),
        ):
            self.beside.addItem(words, name)
        self.face = QSpinBox()
        self.face.setPrefix(self.tr("Face "))
        self.face.setRange(1, 1)
        self.face.lineEdit().setTextMargins(GRID // 2, 0, 0, 0)
        self.face.setAccessibleName(self.tr("Which face"))
        self.time = QSlider(Qt.Orientation.Horizontal)
        self.time.setAccessibleName(self.tr("After how many steps"))
        self.when = QLabel()
        self.when.setObjectName("secondary")
        self.when.setMinimumWidth(12 * GRID)
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self.face)
        top.addWidget(self.beside)
        top.addStretch()
        bottom = QHBoxLayout()
        bottom.setSpacing(GRID)
        bottom.addWidget(self.time, 1)
        bottom.addWidget(self.when)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(heading(self.tr("Faces it does not learn from")))
        column.addLayout(top)
        column.addWidget(self.picture, 1)
        column.addLayout(bottom)
        self.time.valueChanged.connect(self._on_time)
        self.face.valueChanged.connect(self._show)
        self.beside.activated.connect(self._show)

    def set_history(self, history: History) -> None:
        """Show another run."""
        self._history, self._follows = history, True
        self.refresh()

    def refresh(self) -> None:
        """There may be new samples; they are shown, unless the user looks at others."""
        self._steps = sorted(self._history.sheets)
        last = max(0, len(self._steps) - 1)
        self.time.setEnabled(len(self._steps) > 1)
        self.time.blockSignals(True)
        self.time.setRange(0, last)
        if self._follows:
            self.time.setValue(last)
        self.time.blockSignals(False)
        if self._steps:
            folder = self._folder(self._steps[0])
            self.face.setRange(1, max(1, sum(1 for _ in folder.glob("*.png"))))
        self._show()

    def _folder(self, step: int) -> Path:
        sheet = self._history.sheets[step]
        return sheet.with_suffix("")

    @Slot(int)
    def _on_time(self, place: int) -> None:
        self._follows = place == self.time.maximum()
        self._show()

    @Slot()
    def _show(self) -> None:
        if not self._steps:
            self.when.setText("")
            self.picture.set_pictures(QPixmap(), QPixmap(), ("", ""))
            return
        step = self._steps[min(self.time.value(), len(self._steps) - 1)]
        file = f"{self.face.value()}.png"
        sheets = self._folder(step).parent
        other = {"base": self._folder(self._steps[0]), "input": sheets / "input", "truth": sheets / "truth"}
        words = {"base": self.tr("before"), "input": self.tr("given"), "truth": self.tr("truth")}
        beside = self.beside.currentData()
        left = QPixmap(str(other[beside] / file))
        right = QPixmap(str(self._folder(step) / file))
        after = self.tr("after {step} steps").format(step=number(step))
        self.when.setText(after)
        self.picture.set_pictures(left, right, (words[beside], after))
