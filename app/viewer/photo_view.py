"""A photo to be worked on: its faces, and the tools."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.amounts import number
from app.viewer.compare import CompareMode
from app.viewer.compare_view import LARGER, STEP
from app.viewer.face_view import FaceView
from app.viewer.marks import HIT, FaceMark, landmark_at
from app.viewer.tools import BoxTool, BrushTool, PointsTool, Tool, ToolAction

BRUSHES = (Tool.ERASE, Tool.BRUSH)

_SOFTER = {Qt.Key.Key_BraceLeft: -0.1, Qt.Key.Key_BraceRight: 0.1}
_CLICK = 4.0  # logical px that a pointer moves in a click at most


class PhotoView(FaceView):
    """A face is chosen by a click. Dragging moves the photo, the divider, a point of the chosen face, or what the
    tool makes; the middle button always moves the photo."""

    face_box_drawn = Signal(tuple)
    landmarks_placed = Signal(object)
    stroke_grown = Signal(object)  # the stroke so far
    stroke_dropped = Signal()
    stroke_drawn = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._tool = Tool.PAN
        self._brush = (24.0, 0.5)
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._dragging = ""  # "divider", "photo", "landmark", "tool"
        self._landmark = (-1, -1)  # face, landmark
        self._button = Qt.MouseButton.NoButton
        self._ready = True

    def set_ready(self, ready: bool) -> None:
        """Whether the photo that is shown is the one to be worked on. Until then it can be moved alone, and what
        was begun on another one is dropped."""
        self._ready = ready
        if not ready:
            self._drop()
            self._dragging = ""

    def set_faces(self, marks: Sequence[FaceMark]) -> None:
        """Mark these faces."""
        if len(marks) != len(self._scene.marks) and self._dragging == "landmark":
            self._dragging = ""  # the face that was held may be another one now
        super().set_faces(marks)

    # Tools.

    @property
    def tool(self) -> Tool:
        """What the pointer does."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Have the pointer do something else."""
        self._drop()
        self._scene.point = -1
        self._tool = tool
        radius, softness = self._brush
        made: dict[Tool, ToolAction] = {
            Tool.DRAW_FACE: BoxTool(),
            Tool.PLACE_LANDMARKS: PointsTool(),
            Tool.ERASE: BrushTool(True, radius, softness),
            Tool.BRUSH: BrushTool(False, radius, softness),
        }
        self._scene.action = made.get(tool)
        self._set_hovered(-1)
        self._update_cursor(self._last)
        self.update()

    def set_brush(self, radius: float, softness: float) -> None:
        """The brush's radius in photo pixels, and the softness of its edge."""
        self._brush = (min(max(radius, 0.5), 2000.0), min(max(softness, 0.0), 1.0))
        if isinstance(self._scene.action, BrushTool):
            self._scene.action.radius, self._scene.action.softness = self._brush
            self.update()

    @property
    def brush(self) -> tuple[float, float]:
        """Radius and softness."""
        return self._brush

    # Events.

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Alt changes the brush."""
        if self._tool in BRUSHES and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            turns = (event.angleDelta().y() or event.angleDelta().x()) / 120
            self.set_brush(self._brush[0] * STEP**turns, self._brush[1])
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of what is under the pointer, unless something is held already."""
        if self._dragging:
            return
        self._scene.by_keys, self._scene.point = False, -1
        self._hide_card()
        self._button = event.button()
        self._pressed = self._last = event.position()
        if event.button() is Qt.MouseButton.MiddleButton:
            self._dragging = "photo"
        elif event.button() is Qt.MouseButton.LeftButton:
            self._dragging = self._what_is_at(event.position())
            if self._dragging == "tool" and self._scene.action is not None:
                reach = HIT / self._scene.viewports[0].scale
                self._made(self._scene.action.press(self._photo_point(event.position()), reach))
                self._grow_stroke()
        self._update_cursor(event.position())
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag it, or show what could be dragged."""
        at, before = event.position(), self._last
        self._last = at
        self._scene.pointer = at
        if self._dragging == "divider":
            self.set_divider(self.divider.moved_to(at, self._view()))
        elif self._dragging == "photo":
            self._move(at.x() - before.x(), at.y() - before.y(), at)
        elif self._dragging == "landmark":
            self._scene.drag_landmark(*self._landmark, self._photo_point(at))
        elif self._scene.action is not None:
            self._scene.action.move(self._photo_point(at))
            self._grow_stroke()
        else:
            self._set_hovered(self._face_at(at))
        self._update_cursor(at)
        if self._scene.action is not None or self.mode is CompareMode.LENS or self._dragging:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go; what did not move was a click."""
        if event.button() is not self._button:
            return  # another one holds on
        dragging, self._dragging = self._dragging, ""
        moved = (event.position() - (self._pressed or event.position())).manhattanLength() > _CLICK
        if dragging == "tool" and self._scene.action is not None:
            self._made(self._scene.action.release(self._photo_point(event.position())))
        elif dragging == "landmark":
            face, _ = self._landmark
            self.landmarks_moved.emit(face, self._scene.marks[face].face.landmarks.copy(), False)
        elif dragging == "photo" and not moved and event.button() is Qt.MouseButton.LeftButton:
            index = self._face_at(event.position())
            if index >= 0:
                self.face_clicked.emit(index)
        self._pressed = None
        self._update_cursor(event.position())
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Between the whole photo and 100 %."""
        if self._tool is Tool.PAN and self._face_at(event.position()) < 0:
            self._toggle_zoom(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """What the tool waits for is said below."""
        self._scene.hint = self._hint()
        super().paintEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Square brackets change the brush, with Shift its edge; Escape forgets what is being made, then puts the
        tool away."""
        key, (radius, softness) = Qt.Key(event.key()), self._brush
        if key in LARGER and self._tool in BRUSHES:
            self.set_brush(radius * LARGER[key], softness)
        elif key in _SOFTER and self._tool in BRUSHES:
            self.set_brush(radius, softness + _SOFTER[key])
        elif key is Qt.Key.Key_Escape and self._scene.action is not None:
            if not self._drop():
                self.set_tool(Tool.PAN)
            self.update()
        else:
            super().keyPressEvent(event)

    # Helpers.

    def _what_is_at(self, at: QPointF) -> str:
        if self.mode is CompareMode.SLIDER and self._scene.after and self.divider.is_at(at, self._view()):
            return "divider"
        if not self._ready:
            return "photo"
        if self._scene.action is not None:
            return "tool"
        selected = self.chosen_face
        if selected >= 0 and self._scene.marks_visible:
            viewport = self._scene.viewports[self._scene.place_at(at, self._view())]
            point = QPointF(*self._scene.in_pane(at, self._view()))
            landmark = landmark_at(self._scene.marks[selected], viewport, point)
            if landmark >= 0:
                self._landmark = (selected, landmark)
                return "landmark"
        return "photo"

    def _made(self, thing: object) -> None:
        if thing is None:
            return
        match self._tool:
            case Tool.DRAW_FACE:
                self.face_box_drawn.emit(thing)
            case Tool.PLACE_LANDMARKS:
                self.landmarks_placed.emit(thing)
            case Tool.ERASE | Tool.BRUSH:
                self.stroke_drawn.emit(thing)

    def _grow_stroke(self) -> None:
        """Have a stroke shown as far as it is drawn."""
        if isinstance(self._scene.action, BrushTool) and (stroke := self._scene.action.stroke) is not None:
            self._scene.action.shows_path = self._scene.after is None
            self.stroke_grown.emit(stroke)

    def _drop(self) -> bool:
        """Forget what is being made; returns whether there was anything."""
        if self._scene.action is None or not self._scene.action.cancel():
            return False
        if isinstance(self._scene.action, BrushTool):
            self.stroke_dropped.emit()
        return True

    def _hint(self) -> str:
        match self._scene.action:
            case BoxTool():
                return self.tr("Drag a box around the face")
            case PointsTool() as points:
                places = (self.tr("the eye on the left"), self.tr("the eye on the right"), self.tr("the mouth"))
                return self.tr("Click on {place}").format(place=places[min(len(points.points), 2)])
            case BrushTool():
                radius, softness = self._brush
                return self.tr("Brush {size} px, soft {softness}   [ ] size   {{ }} softness").format(
                    size=number(2 * radius), softness=f"{softness:.0%}".replace("%", " %")
                )
        return self._point_hint() if self._scene.point >= 0 else ""

    def _update_cursor(self, at: QPointF) -> None:
        what = self._dragging or self._what_is_at(at)
        shape = Qt.CursorShape.ArrowCursor
        if what == "divider":
            shape = Qt.CursorShape.SplitVCursor if self.divider.level else Qt.CursorShape.SplitHCursor
        elif what == "tool":
            shape = Qt.CursorShape.BlankCursor if self._tool in BRUSHES else Qt.CursorShape.CrossCursor
        elif what == "landmark" or self._face_at(at) >= 0:
            shape = Qt.CursorShape.PointingHandCursor
        elif self._dragging == "photo":
            shape = Qt.CursorShape.ClosedHandCursor
        elif not self._scene.viewports[0].fits:
            shape = Qt.CursorShape.OpenHandCursor
        self.setCursor(shape)
