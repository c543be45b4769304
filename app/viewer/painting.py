"""Paints the view: pictures, divider, labels, lens, faces and tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from app.theme import GRID, RADIUS, Theme
from app.viewer.compare import CompareMode, Divider, Pane, panes
from app.viewer.marks import FaceMark, paint_marks
from app.viewer.pyramid import Pyramid
from app.viewer.tools import BrushTool, ToolAction
from app.viewer.viewport import Point, Viewport

LENS_RADIUS = 120.0  # logical px


@dataclass
class Scene:
    """All that is in the view. There are two viewports, the second for the second picture side by side."""

    before_label: str
    after_label: str
    before: Pyramid | None = None
    after: Pyramid | None = None
    viewports: list[Viewport] = field(default_factory=lambda: [Viewport(), Viewport()])
    together: bool = True
    mode: CompareMode = CompareMode.SLIDER
    divider: Divider = Divider()  # noqa: RUF009
    original: bool = False
    lens_zoom: float = 2.0
    marks: tuple[FaceMark, ...] = ()
    marks_visible: bool = True
    hovered: int = -1
    focused: int = -1
    point: int = -1  # of the chosen face, that keys move
    pointer: QPointF | None = None
    by_keys: bool = False
    action: ToolAction | None = None
    hint: str = ""

    def panes(self, view: QRectF) -> list[Pane]:
        """The parts of the view; one where there is nothing to compare."""
        if self.original or self.after is None:
            if self.mode is CompareMode.SIDE_BY_SIDE:
                return [replace(pane, is_after=False) for pane in panes(self.mode, view, self.divider)]
            return panes(CompareMode.BEFORE, view, self.divider)
        return panes(self.mode, view, self.divider)

    def place_at(self, at: QPointF, view: QRectF) -> int:
        """Which viewport a point of the view belongs to."""
        if self.mode is not CompareMode.SIDE_BY_SIDE:
            return 0
        return next((pane.place for pane in self.panes(view) if pane.rect.contains(at)), 0)

    def in_pane(self, at: QPointF, view: QRectF) -> Point:
        """A point of the view as its viewport counts it."""
        origin = self.origin(self.place_at(at, view), view)
        return at.x() - origin.x(), at.y() - origin.y()

    def photo_point(self, at: QPointF, view: QRectF) -> Point:
        """What of the photo is seen at a point of the view."""
        return self.viewports[self.place_at(at, view)].to_photo(self.in_pane(at, view))

    def drag_landmark(self, face: int, landmark: int, to: Point) -> None:
        """Move one landmark of a mark, where that is still there."""
        if face >= len(self.marks):
            return
        mark = self.marks[face]
        landmarks = np.array(mark.face.landmarks)
        landmarks[landmark] = to
        moved = replace(mark, face=replace(mark.face, landmarks=landmarks))
        self.marks = (*self.marks[:face], moved, *self.marks[face + 1 :])

    def origin(self, place: int, view: QRectF) -> QPointF:
        """Where a viewport begins in the view."""
        if self.mode is CompareMode.SIDE_BY_SIDE:
            return self.panes(view)[place].rect.topLeft()
        return view.topLeft()

    def lens_at(self, view: QRectF) -> QPointF | None:
        """The middle of the lens, where there is one: under the pointer, or for the keyboard in the middle."""
        if self.mode is not CompareMode.LENS or self.action is not None:
            return None
        return self.pointer or (view.center() if self.by_keys else None)


def paint_scene(painter: QPainter, scene: Scene, view: QRectF, ratio: float, theme: Theme) -> None:
    """Paint it all; `ratio` is device pixels a logical one."""
    if scene.before is None:
        return
    shown = scene.panes(view)
    for pane in shown:
        _paint_picture(painter, scene, pane, view, ratio)
    if scene.marks_visible and not scene.original:
        for place in {pane.place for pane in shown}:
            _paint_over(painter, scene, shown, place, view, theme)
    if scene.after is not None and not scene.original:
        if scene.mode is CompareMode.SLIDER:
            _paint_divider(painter, scene.divider, view)
        _paint_lens(painter, scene, view, ratio)
        _paint_labels(painter, scene, shown, view)
    if scene.hint and not scene.original:
        _paint_tag(painter, scene.hint, lambda size: _at_bottom(size, view))


def _target(scene: Scene, pane: Pane, view: QRectF) -> QRectF:
    origin = scene.origin(pane.place, view)
    left, top, width, height = scene.viewports[pane.place].photo_rect()
    return QRectF(origin.x() + left, origin.y() + top, width, height)


def _snapped(rect: QRectF, ratio: float) -> QRectF:
    """On whole device pixels, so that 100 % is exact."""
    return QRectF(
        round(rect.left() * ratio) / ratio, round(rect.top() * ratio) / ratio, rect.width(), rect.height()
    )


def _paint_picture(painter: QPainter, scene: Scene, pane: Pane, view: QRectF, ratio: float) -> None:
    picture = scene.after if pane.is_after and scene.after is not None else scene.before
    assert picture is not None
    picture.paint(painter, _snapped(_target(scene, pane, view), ratio), pane.rect, ratio)


def _paint_over(
    painter: QPainter, scene: Scene, shown: list[Pane], place: int, view: QRectF, theme: Theme
) -> None:
    """Faces and tools of one viewport, in all panes that go by it."""
    pane = next(pane for pane in shown if pane.place == place)
    clip = QRectF()
    for each in shown:
        clip = clip.united(each.rect) if each.place == place else clip
    painter.save()
    painter.setClipRect(clip)
    painter.translate(scene.origin(pane.place, view))
    viewport = scene.viewports[place]
    brush = scene.action if isinstance(scene.action, BrushTool) else None
    if brush is None or brush.stroke is None:  # what a stroke does is seen without anything on it
        paint_marks(
            painter, scene.marks, viewport, theme, scene.hovered, scene.focused, scene.point, brush is None
        )
    if scene.action is not None:
        scene.action.paint(painter, viewport, theme)
    painter.restore()


def _paint_divider(painter: QPainter, divider: Divider, view: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    at = divider.line(view)
    start, end = (
        (QPointF(view.left(), at), QPointF(view.right(), at))
        if divider.level
        else (QPointF(at, view.top()), QPointF(at, view.bottom()))
    )
    for color, width in ((QColor(0, 0, 0, 90), 4.0), (QColor("#FFFFFF"), 2.0)):
        painter.setPen(QPen(color, width))
        painter.drawLine(start, end)
    centre = (start + end) / 2
    painter.setPen(QPen(QColor(0, 0, 0, 90), 1))
    painter.setBrush(QColor("#FFFFFF"))
    painter.drawEllipse(centre, 16, 16)
    painter.setPen(QPen(QColor("#2A2B2D"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for side in (-1, 1):
        tip, wing = 9.0 * side, 5.0 * side
        points = [(wing, -4.0), (tip, 0.0), (wing, 4.0)]
        if divider.level:
            points = [(y, x) for x, y in points]
        painter.drawPolyline([centre + QPointF(x, y) for x, y in points])


def _paint_lens(painter: QPainter, scene: Scene, view: QRectF, ratio: float) -> None:
    at = scene.lens_at(view)
    if at is None or scene.after is None:
        return
    viewport = scene.viewports[0]
    x, y = viewport.to_photo((at.x() - view.left(), at.y() - view.top()))
    scale = viewport.scale * scene.lens_zoom
    place = QRectF(
        at.x() - (x + 0.5) * scale,
        at.y() - (y + 0.5) * scale,
        viewport.photo[0] * scale,
        viewport.photo[1] * scale,
    )
    round_ = QRectF(0, 0, 2 * LENS_RADIUS, 2 * LENS_RADIUS)
    round_.moveCenter(at)
    path = QPainterPath()
    path.addEllipse(round_)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(path)
    painter.fillRect(round_, QColor("#000000"))
    scene.after.paint(painter, place, round_, ratio)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 120), 5.0), (QColor("#FFFFFF"), 2.5)):
        painter.setPen(QPen(color, width))
        painter.drawEllipse(round_)


def _paint_labels(painter: QPainter, scene: Scene, shown: list[Pane], view: QRectF) -> None:
    if scene.mode is CompareMode.LENS:
        return
    for number, pane in enumerate(shown):
        text = scene.after_label if pane.is_after else scene.before_label
        at_end = number == 1 and scene.mode is CompareMode.SLIDER
        _paint_label(painter, text, pane.rect, view, at_end, scene.divider.level)


def _paint_label(painter: QPainter, text: str, pane: QRectF, view: QRectF, at_end: bool, level: bool) -> None:
    def place(size: QSizeF) -> QRectF | None:
        left = view.right() - size.width() - 1.5 * GRID if at_end and not level else pane.left() + 1.5 * GRID
        top = view.bottom() - size.height() - 1.5 * GRID if at_end and level else pane.top() + 1.5 * GRID
        label = QRectF(QPointF(left, top), size)
        return label if pane.contains(label) else None  # no room beside the divider

    _paint_tag(painter, text, place)


def _at_bottom(size: QSizeF, view: QRectF) -> QRectF:
    corner = QPointF(view.center().x() - size.width() / 2, view.bottom() - size.height() - 1.5 * GRID)
    return QRectF(corner, size)


def _paint_tag(painter: QPainter, text: str, place: Callable[[QSizeF], QRectF | None]) -> None:
    """White words on a dark tag, where `place` puts one of that size."""
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    tag = place(QSizeF(painter.fontMetrics().horizontalAdvance(text) + 2 * GRID, 3.0 * GRID))
    if tag is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 200))
    painter.drawRoundedRect(tag, RADIUS, RADIUS)
    painter.setPen(QColor("#FFFFFF"))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
