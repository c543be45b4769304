"""A photo with its faces marked: chosen, left out and removed by pointer and keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.theme import current
from app.viewer.card import Card, paint_card, place_beside
from app.viewer.compare import CompareMode
from app.viewer.compare_view import ARROWS, CompareView
from app.viewer.marks import FaceMark, box_in_view, face_at, neighbour

CARD_DELAY = 250
"""Milliseconds that the pointer rests on a face before its card is shown."""

_DONE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
_TAB_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class FaceView(CompareView):
    """Tells what is wanted of which face; who owns the view marks the chosen one (`FaceMark.selected`).

    Tab goes from face to face, and arrows to the one in their direction; Return includes a face or leaves it out,
    Delete removes it, Escape chooses none. A card beside the face under the pointer, or the one with the
    keyboard's focus, shows it before and after.
    """

    face_clicked = Signal(int)
    face_chosen = Signal(int)  # -1 for none
    face_hovered = Signal(int)
    face_toggle_asked = Signal(int)
    face_delete_asked = Signal(int)
    landmarks_moved = Signal(int, object, bool)  # face, landmarks, one of several steps
    _others_marked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = -1  # the face that has the pointer's card
        self._card_timer = QTimer(self, singleShot=True, interval=CARD_DELAY)
        self._card_timer.timeout.connect(self._show_card)

    # Faces.

    def set_faces(self, marks: Sequence[FaceMark]) -> None:
        """Mark these faces."""
        if len(marks) != len(self._scene.marks):  # each may be another one now
            self._set_hovered(-1)
            self._others_marked.emit()
        chosen = self.chosen_face
        self._scene.marks = tuple(marks)
        if self.chosen_face != chosen:
            self._scene.point = -1
        self._describe()
        self.update()

    def set_marks_visible(self, visible: bool) -> None:
        """Show the marks, or the photo alone."""
        self._scene.marks_visible = visible
        if not visible:
            self._set_hovered(-1)
        self.update()

    @property
    def marks_visible(self) -> bool:
        """Whether faces are marked."""
        return self._scene.marks_visible

    @property
    def chosen_face(self) -> int:
        """The index of the chosen face, -1 for none."""
        return next((index for index, mark in enumerate(self._scene.marks) if mark.selected), -1)

    @property
    def carded_face(self) -> int:
        """The index of the face whose card is shown, -1 for none."""
        scene = self._scene
        if scene.original or not scene.marks_visible or scene.action is not None or scene.point >= 0:
            return -1
        return self._card if self._card >= 0 else self._focused_face()

    def show_points(self, index: int) -> None:
        """Choose a face, and go near enough to move its points; who came by keys goes on by them."""
        self.face_chosen.emit(index)
        left, top, right, bottom = self._scene.marks[index].face.box
        viewport = self._scene.viewports[0]
        scale = min(viewport.view) / (1.6 * max(right - left, bottom - top))
        self.zoom_to(max(scale * self.devicePixelRatioF(), self.scale))
        self._set_viewport(self._scene.viewports[0].centred(((left + right) / 2, (top + bottom) / 2)), 0)
        self._scene.point = 0 if self._scene.by_keys else -1
        self.update()

    def face_menu(self, index: int) -> QMenu:
        """What can be done with a face."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._others_marked.connect(menu.close)
        mark = self._scene.marks[index]
        words = self.tr("Leave out") if mark.included else self.tr("Include")
        toggle = menu.addAction(_with_key(words, Qt.Key.Key_Return))
        toggle.triggered.connect(lambda: self.face_toggle_asked.emit(index))
        points = menu.addAction(_with_key(self.tr("Move eyes, nose and mouth"), Qt.Key.Key_P))
        points.triggered.connect(lambda: self.show_points(index))
        menu.addSeparator()
        remove = menu.addAction(_with_key(self.tr("Remove: this is no face"), Qt.Key.Key_Delete))
        remove.triggered.connect(lambda: self.face_delete_asked.emit(index))
        return menu

    # Events.

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The card on top."""
        self._scene.focused = self._focused_face()
        super().paintEvent(event)
        index = self.carded_face
        if self._scene.before is not None and 0 <= index < len(self._scene.marks):
            self._paint_card(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """What is done with the chosen face."""
        key, chosen = Qt.Key(event.key()), self.chosen_face if self._scene.marks_visible else -1
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if chosen < 0:
            super().keyPressEvent(event)
        elif self._scene.point >= 0 and (key in ARROWS or key in _DONE):
            self._point_key(key, 10.0 if shift else 1.0)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.face_delete_asked.emit(chosen)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.face_toggle_asked.emit(chosen)
        elif key is Qt.Key.Key_P and self._scene.action is None:
            self._scene.by_keys = True
            self.show_points(chosen)
        elif key is Qt.Key.Key_Escape and self._scene.action is None:
            self._choose(-1)
        elif key in ARROWS and not shift and self._scene.action is None:
            self._choose(neighbour(self._scene.marks, chosen, *ARROWS[key]))
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Tab goes through the faces before it leaves the photo, or through the points of one that are moved."""
        if self._scene.point >= 0:
            self._scene.point = (self._scene.point + (1 if forward else -1)) % 5
            self.update()
            return True
        count = len(self._scene.marks) if self._scene.marks_visible and self._scene.action is None else 0
        chosen = self.chosen_face
        wanted = chosen + (1 if forward else -1)
        if not 0 <= wanted < count or (chosen < 0 and not forward):
            return super().focusNextPrevChild(forward)
        self._choose(wanted)
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Whoever comes by Tab sees where they are."""
        super().focusInEvent(event)
        if event.reason() in _TAB_REASONS:
            self._scene.by_keys = True
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Of the face under the pointer, or of the chosen one where a key asks for it."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.chosen_face if by_key else self._face_at(QPointF(event.pos()))
        if index < 0:
            super().contextMenuEvent(event)
            return
        at = event.globalPos()
        if by_key:
            at = self.mapToGlobal(self._box_of(index).center().toPoint())
        self.face_chosen.emit(index)
        self._set_hovered(-1)
        self.face_menu(index).popup(QPoint(at))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nothing is under the pointer."""
        super().leaveEvent(event)
        self._scene.pointer = None
        self._set_hovered(-1)
        self.update()

    # Helpers.

    def _choose(self, index: int) -> None:
        self._scene.by_keys = True
        if index != self.chosen_face:
            self.face_chosen.emit(index)
        if index >= 0:
            self._set_viewport(self._scene.viewports[0].showing(self._scene.marks[index].face.box), 0)
        self.update()

    def _point_key(self, key: Qt.Key, steps: float) -> None:
        """Move the point that keys move by so many pixels of the screen, or have done with it."""
        if key in _DONE:
            self._scene.point = -1
        else:
            index, (dx, dy) = self.chosen_face, ARROWS[key]
            step = steps / self._scene.viewports[0].scale
            x, y = self._scene.marks[index].face.landmarks[self._scene.point].tolist()
            self._scene.drag_landmark(index, self._scene.point, (x + dx * step, y + dy * step))
            self.landmarks_moved.emit(index, self._scene.marks[index].face.landmarks.copy(), True)
        self.update()

    def _point_hint(self) -> str:
        """What keys do with a point."""
        places = (
            self.tr("the eye on the left"),
            self.tr("the eye on the right"),
            self.tr("the nose"),
            self.tr("the corner of the mouth on the left"),
            self.tr("the corner of the mouth on the right"),
        )
        place = places[self._scene.point]
        return self.tr("Arrows move {place}, Tab goes on, Return ends").format(place=place)

    def _focused_face(self) -> int:
        return self.chosen_face if self._scene.by_keys and self.hasFocus() else -1

    def _face_at(self, at: QPointF) -> int:
        if not self._scene.marks_visible:
            return -1
        viewport = self._scene.viewports[self._scene.place_at(at, self._view())]
        point = self._scene.in_pane(at, self._view())
        return face_at(self._scene.marks, viewport, QPointF(*point))

    def _box_of(self, index: int) -> QRectF:
        """Where a face is in the view: in the picture that the pointer is on."""
        at = self._scene.pointer or QPointF()
        place = self._scene.place_at(at, self._view())
        box = box_in_view(self._scene.marks[index].face, self._scene.viewports[place])
        return box.translated(self._scene.origin(place, self._view()))

    def _set_hovered(self, index: int) -> None:
        if index != self._scene.hovered:
            self._scene.hovered = index
            self._hide_card()
            if index >= 0 and self.mode is not CompareMode.LENS:
                self._card_timer.start()
            self.face_hovered.emit(index)
            self.update()

    def _hide_card(self) -> None:
        self._card_timer.stop()
        self._card = -1

    @Slot()
    def _show_card(self) -> None:
        self._card = self._scene.hovered
        self.update()

    def _paint_card(self, index: int) -> None:
        place = place_beside(self._box_of(index), self._view())
        pictures = [each for each in (self._scene.before, self._scene.after) if each is not None]
        if place is not None:
            mark = self._scene.marks[index]
            title = self.tr("Face {number}").format(number=index + 1)
            card = Card(title, self._state_of(mark), mark.face.box, self._scene.viewports[0].photo)
            shown = pictures if mark.restored else pictures[:1]
            paint_card(QPainter(self), card, shown, place, self.devicePixelRatioF(), current())

    def _state_of(self, mark: FaceMark) -> str:
        if not mark.included:
            state = self.tr("Left out")
        else:
            state = self.tr("Restored") if mark.restored else self.tr("Not restored yet")
        return self.tr("{state}, placed by hand").format(state=state) if mark.drawn else state

    def _describe(self) -> None:
        """Tell those who do not see the photo which face is chosen."""
        name, index = self.tr("Photo, before and after"), self.chosen_face
        if index >= 0:
            mark, count = self._scene.marks[index], len(self._scene.marks)
            which = self.tr("Face {number} of {count}").format(number=index + 1, count=count)
            name = f"{name}. {which}: {self._state_of(mark)}"
        if name != self.accessibleName():
            self.setAccessibleName(name)


def _with_key(words: str, key: Qt.Key) -> str:
    """A menu's words with the key that does the same: one that the view takes, and no shortcut of the window."""
    return f"{words}\t{QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)}"
