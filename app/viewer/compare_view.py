"""A photo before and after, seen from near and far and compared: what needs no decision about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import current, themes
from app.viewer.compare import CompareMode, Divider, pane_size
from app.viewer.painting import Scene, paint_scene
from app.viewer.pyramid import Pyramid
from app.viewer.tile_maker import tile_maker
from app.viewer.viewport import Viewport
from core.types import Pixels, Region

STEP = 1.25
"""Of one notch of the wheel, and one press of a key."""

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""Keys, and which way they go: x and y."""

LARGER = {Qt.Key.Key_BracketLeft: 1 / STEP, Qt.Key.Key_BracketRight: STEP}
"""Keys that change the size of what the pointer holds, and how many times."""

_ZOOMS = {Qt.Key.Key_Minus: 1 / STEP, Qt.Key.Key_Plus: STEP, Qt.Key.Key_Equal: STEP}
_NUDGE = 0.02
_PAN = 64.0  # logical px of an arrow key


class CompareView(QWidget):
    """Shows one photo. The wheel zooms to the pointer, a touchpad's two fingers move and pinch, arrows move, plus
    and minus zoom. Space, held, shows the photo as it was; Shift with an arrow moves the divider; square brackets
    zoom the lens, which is in the middle of the view until the pointer moves."""

    scale_changed = Signal(float)
    mode_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Photo, before and after"))
        self._scene = Scene(before_label=self.tr("Before"), after_label=self.tr("After"))
        themes().changed.connect(self.update)
        tile_maker().made.connect(self._on_tile_made)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Most of a window."""
        return QSize(900, 600)

    # What is shown.

    def set_pictures(self, before: Pixels | None, after: Pixels | None, keep_view: bool = False) -> None:
        """Show a photo; `after`, where there is one, may be larger. `keep_view` keeps place and scale."""
        scene = self._scene
        if before is None or scene.before is None or scene.before.pixels is not before:
            scene.before = scene.after = None if before is None else Pyramid(before)
        scene.after = None if after is None or scene.before is None else self._follow(after)
        if before is not None:
            size = (float(before.shape[1]), float(before.shape[0]))
            scene.viewports = [each.of_photo(size, keep_view) for each in scene.viewports]
        self._tell_scale()
        self.update()

    def refresh(self, regions: Sequence[Region]) -> None:
        """Parts of `after` were drawn anew in place."""
        if self._scene.after is not None:
            for region in regions:
                self._scene.after.refresh(region)
            self.update()

    def _follow(self, after: Pixels) -> Pyramid:
        """What draws another `after` of the same photo."""
        previous = self._scene.after or self._scene.before
        return Pyramid(after) if previous is None else previous.followed_by(after)

    # How it is shown.

    @property
    def mode(self) -> CompareMode:
        """How before and after are compared."""
        return self._scene.mode

    def set_mode(self, mode: CompareMode) -> None:
        """Compare in another way, at the same place."""
        if mode is not self._scene.mode:
            self._scene.mode = mode
            self._resize_viewports()
            self.mode_changed.emit(mode)
            self.update()

    @property
    def divider(self) -> Divider:
        """Where the two pictures of the slider meet."""
        return self._scene.divider

    def set_divider(self, divider: Divider) -> None:
        """Put it somewhere else, or turn it."""
        self._scene.divider = divider
        self.update()

    def set_synchronised(self, together: bool) -> None:
        """Whether the two pictures side by side move together."""
        self._scene.together = together
        self._scene.viewports[1] = self._scene.viewports[0]
        self.update()

    def set_lens_zoom(self, zoom: float) -> None:
        """How many times larger the lens shows the photo, 1 to 16."""
        self._scene.lens_zoom = min(max(zoom, 1.0), 16.0)
        self.update()

    def show_original(self, shown: bool) -> None:
        """Show the photo as it was, whatever the mode, until told otherwise."""
        self._scene.original = shown
        self.update()

    @property
    def scale(self) -> float:
        """Device pixels a photo pixel: 1.0 is 100 %."""
        return self._scene.viewports[0].scale * self.devicePixelRatioF()

    def zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Show a photo pixel as so many device pixels, keeping the point at `at` where it is."""
        place = 0 if at is None else self._scene.place_at(at, self._view())
        point = None if at is None else self._scene.in_pane(at, self._view())
        changed = self._scene.viewports[place].zoomed(scale / self.devicePixelRatioF(), point)
        self._set_viewport(changed, place)

    def zoom_in(self) -> None:
        """Nearer."""
        self.zoom_to(self.scale * STEP)

    def zoom_out(self) -> None:
        """Farther."""
        self.zoom_to(self.scale / STEP)

    def zoom_to_fit(self) -> None:
        """The whole photo."""
        self._set_viewport(self._scene.viewports[0].fitted(), 0)

    # Events.

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """All of it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current().canvas))
        paint_scene(painter, self._scene, self._view(), self.devicePixelRatioF(), current())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """What fits goes on fitting."""
        super().resizeEvent(event)
        self._resize_viewports()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom; a touchpad moves the photo instead, unless Ctrl is held."""
        held = event.modifiers()
        if event.phase() is not Qt.ScrollPhase.NoScrollPhase and not held & Qt.KeyboardModifier.ControlModifier:
            delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 4
            self._move(delta.x(), delta.y(), event.position())
        elif self.mode is CompareMode.LENS and held & Qt.KeyboardModifier.ShiftModifier:
            turns = (event.angleDelta().y() or event.angleDelta().x()) / 120
            self.set_lens_zoom(self._scene.lens_zoom * STEP**turns)
        else:
            self.zoom_to(self.scale * STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Pinching on a touchpad, and moving to a screen of another resolution."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._tell_scale()
            self.update()
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_to(self.scale * (1 + event.value()), event.position())
                return True
            if event.gestureType() is Qt.NativeGestureType.SmartZoomNativeGesture:
                self._toggle_zoom(event.position())
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """All that wheel and pointer can do to the view."""
        self._scene.by_keys = True
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key = Qt.Key(event.key())
        if key in ARROWS and shift:
            self.set_divider(self.divider.nudged(_NUDGE * sum(ARROWS[key])))
        elif key in ARROWS and not self._scene.viewports[0].fits:
            dx, dy = ARROWS[key]
            self._move(-dx * _PAN, -dy * _PAN, self._view().center())
        elif key in _ZOOMS:
            self.zoom_to(self.scale * _ZOOMS[key])
        elif key in LARGER and self.mode is CompareMode.LENS:
            self.set_lens_zoom(self._scene.lens_zoom * LARGER[key])
        elif key is Qt.Key.Key_Space and not event.isAutoRepeat():
            self.show_original(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space shows the restored photo again."""
        if Qt.Key(event.key()) is Qt.Key.Key_Space and not event.isAutoRepeat():
            self.show_original(False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QEvent) -> None:  # noqa: N802
        """A key that is let go somewhere else is not told of."""
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.show_original(False)

    # Helpers.

    def _view(self) -> QRectF:
        return QRectF(self.rect())

    def _resize_viewports(self) -> None:
        size = pane_size(self._scene.mode, self._view())
        self._scene.viewports = [each.resized(size) for each in self._scene.viewports]
        self._tell_scale()

    def _set_viewport(self, viewport: Viewport, place: int) -> None:
        if self._scene.together or self.mode is not CompareMode.SIDE_BY_SIDE:
            self._scene.viewports = [viewport, viewport]
        else:
            self._scene.viewports[place] = viewport
        self._tell_scale()
        self.update()

    def _move(self, dx: float, dy: float, at: QPointF) -> None:
        place = self._scene.place_at(at, self._view())
        self._set_viewport(self._scene.viewports[place].moved(dx, dy), place)

    def _toggle_zoom(self, at: QPointF) -> None:
        if self._scene.viewports[0].fits or self.scale < 1:
            self.zoom_to(1.0, at)
        else:
            self.zoom_to_fit()

    @Slot(object)
    def _on_tile_made(self, of: object) -> None:
        if of is self._scene.before or of is self._scene.after:
            self.update()

    def _tell_scale(self) -> None:
        self.scale_changed.emit(self.scale)

    def _photo_point(self, at: QPointF) -> tuple[float, float]:
        return self._scene.photo_point(at, self._view())
