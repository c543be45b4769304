"""The faces of a photo side by side: each crop before and after, its number, and whether it is restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QHBoxLayout, QScrollArea, QWidget

from app.document.decisions import FaceDecision
from app.faces.pixmaps import RADIUS, before_and_after, portrait, rounded
from app.forms import refill
from app.theme import GRID, current
from core.types import FaceCrop, Pixels

SIDE = 72


class FaceChip(QAbstractButton):
    """One face. Click chooses it; Space, or a click on its tick, includes or leaves it out."""

    include_toggled = Signal(int)
    delete_asked = Signal(int)

    def __init__(self, index: int, face: FaceDecision, crop: FaceCrop | None, photo: Pixels | None) -> None:
        super().__init__()
        self.index, self._face, self._crop = index, face, crop
        self._photo = photo
        self._picture: QPixmap | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(SIDE + 6, SIDE + 6)
        state = self.tr("included") if face.included else self.tr("left out")
        self.setAccessibleName(self.tr("Face {number}, {state}").format(number=index + 1, state=state))
        self.setToolTip(self.accessibleName() + "\n" + self.tr("Space includes it or leaves it out"))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Fixed."""
        return QSize(SIDE + 6, SIDE + 6)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """The crop in a frame that shows choice and focus, its number, and a tick."""
        theme, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(3, 3, SIDE, SIDE)
        if not self._face.included:
            painter.setOpacity(0.4)
        if (picture := self._picture_at(self.devicePixelRatioF())) is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(place, RADIUS, RADIUS)
        else:
            painter.drawPixmap(QPointF(3, 3), picture)
        painter.setOpacity(1.0)
        self._paint_tag(painter, QRectF(7, SIDE - 17, 20, 16), str(self.index + 1))
        self._paint_tag(painter, self._tick_place(), "✓" if self._face.included else "✕")
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent if self.isChecked() else theme.secondary), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 1, SIDE + 4, SIDE + 4), RADIUS + 2, RADIUS + 2)

    def _picture_at(self, ratio: float) -> QPixmap | None:
        """The crop before and after, or the face as it is in the photo; None where the photo is not read yet."""
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            if self._crop is not None:
                self._picture = before_and_after(self._crop, SIDE, ratio)
            elif self._photo is not None:
                cut = portrait(self._photo, self._face.face.box, round(SIDE * ratio))
                self._picture = rounded(cut, SIDE, ratio)
        return self._picture

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on the tick is not a choice."""
        if event.button() is Qt.MouseButton.LeftButton and self._tick_place().contains(event.position()):
            self.include_toggled.emit(self.index)
            event.accept()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space includes or leaves out, Delete removes, Return chooses."""
        match event.key():
            case Qt.Key.Key_Space:
                self.include_toggled.emit(self.index)
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.delete_asked.emit(self.index)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case _:
                super().keyPressEvent(event)

    @staticmethod
    def _tick_place() -> QRectF:
        return QRectF(SIDE - 17, 7, 18, 18)

    def _paint_tag(self, painter: QPainter, place: QRectF, text: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(QColor("white"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


class FaceChips(QScrollArea):
    """All faces of a photo."""

    chosen = Signal(int)
    include_toggled = Signal(int)
    delete_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(SIDE + 6 + 2 * GRID)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)
        self._chips: list[FaceChip] = []

    def set_faces(
        self,
        faces: Sequence[FaceDecision],
        crops: Mapping[int, FaceCrop],
        chosen: int | None,
        photo: Pixels | None = None,
    ) -> None:
        """Show these faces, with the crops that there are, by index; others as they are in the photo."""
        focused = next((chip.index for chip in self._chips if chip.hasFocus()), None)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        self._chips = [FaceChip(index, face, crops.get(index), photo) for index, face in enumerate(faces)]
        for chip in self._chips:
            self._group.addButton(chip, chip.index)
            chip.setChecked(chip.index == chosen)
            chip.include_toggled.connect(self.include_toggled)
            chip.delete_asked.connect(self.delete_asked)
            layout.addWidget(chip)
        layout.addStretch()
        refill(self, row)
        for chip in self._chips:
            if chip.index == focused:
                chip.setFocus()
            if chip.index == chosen:
                self.ensureWidgetVisible(chip)

    def set_chosen(self, index: int | None) -> None:
        """Mark the chosen face, none for None."""
        self._group.setExclusive(False)
        for chip in self._chips:
            chip.setChecked(chip.index == index)
        self._group.setExclusive(True)
