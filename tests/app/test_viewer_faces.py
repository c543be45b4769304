"""Faces on the photo: chosen by keys, their menu and their card, and points placed by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.viewer.card import SIZE, place_beside
from app.viewer.compare import CompareMode
from app.viewer.marks import FaceMark, neighbour
from app.viewer.photo_view import PhotoView
from app.viewer.tools import Tool
from tests.conftest import face_at, smooth_photo

LEFT = Qt.MouseButton.LeftButton
PLACES = ((150, 200), (400, 200), (400, 420))


class Owner(QWidget):
    """Keeps the marks, as the window does, between two fields."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.view, self.last = QLineEdit(), PhotoView(), QLineEdit()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.first, self.view, self.last):
            row.addWidget(widget)
        self.first.setFixedWidth(20)
        self.last.setFixedWidth(20)
        self.marks = [FaceMark(face_at(x, y, 140), restored=True) for x, y in PLACES]
        self.view.face_chosen.connect(self.choose)
        self.choose(-1)

    def choose(self, index: int) -> None:
        self.marks = [
            FaceMark(mark.face, mark.included, mark.drawn, i == index, mark.restored)
            for i, mark in enumerate(self.marks)
        ]
        self.view.set_faces(self.marks)


@pytest.fixture
def owner(qtbot: QtBot) -> Owner:
    made = Owner()
    qtbot.addWidget(made)
    made.resize(840, 600)
    made.view.set_mode(CompareMode.AFTER)
    made.view.set_pictures(smooth_photo(600, 500), 255 - smooth_photo(600, 500))
    made.show()
    made.activateWindow()
    made.view.setFocus()
    qtbot.waitUntil(made.view.hasFocus)
    return made


def picture(view: QWidget) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def key(qtbot: QtBot, owner: Owner, *keys: Qt.Key) -> None:
    for each in keys:
        qtbot.keyClick(QApplication.focusWidget(), each)


# Keys.


def test_tab_goes_through_the_faces_and_on(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    seen = []
    for _ in range(3):
        key(qtbot, owner, Qt.Key.Key_Tab)
        seen.append(view.chosen_face)
        assert view.hasFocus()
    assert seen == [0, 1, 2]
    key(qtbot, owner, Qt.Key.Key_Tab)
    assert owner.last.hasFocus()
    key(qtbot, owner, Qt.Key.Key_Backtab)
    assert view.hasFocus()
    key(qtbot, owner, Qt.Key.Key_Backtab, Qt.Key.Key_Backtab)
    assert view.chosen_face == 0
    key(qtbot, owner, Qt.Key.Key_Backtab)
    assert owner.first.hasFocus()


def test_tab_leaves_at_once_where_no_face_can_be_chosen(owner: Owner, qtbot: QtBot) -> None:
    owner.view.set_marks_visible(False)
    key(qtbot, owner, Qt.Key.Key_Tab)
    assert owner.last.hasFocus()


def test_arrows_go_to_the_face_that_way_and_else_move_the_photo(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    view.zoom_to(3.0)
    centre = view._scene.viewports[0].centre
    key(qtbot, owner, Qt.Key.Key_Right)
    assert view._scene.viewports[0].centre != centre
    owner.choose(0)
    key(qtbot, owner, Qt.Key.Key_Right)
    assert view.chosen_face == 1
    box = view._box_of(1)
    assert QRectF(view.rect()).contains(box), "the chosen face comes into sight"
    key(qtbot, owner, Qt.Key.Key_Down)
    assert view.chosen_face == 2
    key(qtbot, owner, Qt.Key.Key_Down)
    assert view.chosen_face == 2
    key(qtbot, owner, Qt.Key.Key_Escape)
    assert view.chosen_face == -1


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=6), st.data())
def test_the_neighbour_lies_in_its_direction(places: list[tuple[int, int]], data: st.DataObject) -> None:
    marks = [FaceMark(face_at(x, y, 50)) for x, y in places]
    index = data.draw(st.integers(0, len(marks) - 1))
    dx, dy = data.draw(st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]))
    to = neighbour(marks, index, dx, dy)
    ahead = [(x - places[index][0]) * dx + (y - places[index][1]) * dy for x, y in places]
    assert (to == index) == (max(ahead) <= 0)
    assert to == index or ahead[to] > 0


def test_keys_include_and_remove_the_chosen_face(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    with qtbot.assertNotEmitted(view.face_toggle_asked):
        key(qtbot, owner, Qt.Key.Key_Return)
    owner.choose(1)
    with qtbot.waitSignal(view.face_toggle_asked) as told:
        key(qtbot, owner, Qt.Key.Key_Return)
    assert told.args == [1]
    with qtbot.waitSignal(view.face_delete_asked) as told:
        key(qtbot, owner, Qt.Key.Key_Delete)
    assert told.args == [1]


def test_the_keyboards_focus_is_seen_and_only_the_keyboards(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    owner.choose(0)
    ring = view._box_of(0).adjusted(-6, -6, 6, 6)
    row, columns = int(ring.top()), slice(int(ring.center().x()) + 20, int(ring.right()) - 16)
    without = picture(view)[row, columns].astype(int)
    key(qtbot, owner, Qt.Key.Key_Left)
    with_ring = picture(view)[row, columns].astype(int)
    assert np.abs(with_ring - without).max(axis=1).min() > 30
    owner.last.setFocus()
    np.testing.assert_array_equal(picture(view)[row, columns], without)


def test_what_is_chosen_is_told_to_those_who_do_not_see_it(owner: Owner, qtbot: QtBot) -> None:
    assert owner.view.accessibleName() == "Photo, before and after"
    key(qtbot, owner, Qt.Key.Key_Tab)
    assert owner.view.accessibleName() == "Photo, before and after. Face 1 of 3: Restored"
    owner.marks[0] = FaceMark(owner.marks[0].face, included=False, drawn=True)
    owner.choose(0)
    assert owner.view.accessibleName() == "Photo, before and after. Face 1 of 3: Left out, placed by hand"


def test_keys_zoom_photo_and_lens(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    scale = view.scale
    key(qtbot, owner, Qt.Key.Key_Plus)
    assert view.scale == pytest.approx(1.25 * scale)
    key(qtbot, owner, Qt.Key.Key_Minus, Qt.Key.Key_Minus)
    assert view.scale == pytest.approx(scale / 1.25)
    view.set_marks_visible(False)
    view.zoom_to_fit()
    view.set_mode(CompareMode.BEFORE)
    before = picture(view)
    view.set_mode(CompareMode.LENS)
    view.leaveEvent(QEvent(QEvent.Type.Leave))
    key(qtbot, owner, Qt.Key.Key_BracketRight)
    assert view._scene.lens_zoom == 2.5
    middle = (view.height() // 2, view.width() // 2)
    assert np.abs(picture(view)[middle].astype(int) - before[middle]).max() > 20, "it is in the middle"
    key(qtbot, owner, Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketLeft)
    assert view._scene.lens_zoom == 1.6


# The menu.


def menu_of(view: PhotoView, reason: QContextMenuEvent.Reason, at: QPoint, qtbot: QtBot) -> QMenu:
    QApplication.sendEvent(view, QContextMenuEvent(reason, at, view.mapToGlobal(at)))
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(menu: QMenu, place: int, qtbot: QtBot) -> None:
    action = [each for each in menu.actions() if not each.isSeparator()][place]
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def test_a_right_click_offers_what_can_be_done_with_a_face(owner: Owner, qtbot: QtBot) -> None:
    view, mouse = owner.view, QContextMenuEvent.Reason.Mouse
    at = view._box_of(2).center().toPoint()
    menu = menu_of(view, mouse, at, qtbot)
    assert view.chosen_face == 2
    with qtbot.waitSignal(view.face_toggle_asked) as told:
        pick(menu, 0, qtbot)
    assert told.args == [2]
    with qtbot.waitSignal(view.face_delete_asked):
        pick(menu_of(view, mouse, at, qtbot), 2, qtbot)
    QApplication.sendEvent(view, QContextMenuEvent(mouse, QPoint(5, 5), view.mapToGlobal(QPoint(5, 5))))
    assert QApplication.activePopupWidget() is None


def test_the_menu_of_a_face_goes_with_it(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    menu = menu_of(view, QContextMenuEvent.Reason.Mouse, view._box_of(2).center().toPoint(), qtbot)
    view.set_faces([])  # another photo came to the front
    assert not menu.isVisible()


def test_the_menu_key_goes_by_the_chosen_face_and_brings_its_points_near(owner: Owner, qtbot: QtBot) -> None:
    view, keyboard = owner.view, QContextMenuEvent.Reason.Keyboard
    owner.choose(1)
    pick(menu_of(view, keyboard, QPoint(0, 0), qtbot), 1, qtbot)
    assert view.chosen_face == 1
    box = view._box_of(1)
    assert QRectF(view.rect()).contains(box)
    assert max(box.width(), box.height()) > 0.5 * min(view.width(), view.height())


# Points moved by keys.


def test_points_are_moved_by_keys_alone(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    owner.choose(1)
    before = owner.marks[1].face.landmarks.copy()
    key(qtbot, owner, Qt.Key.Key_P)
    scale = view._scene.viewports[0].scale
    assert scale > 1.5, "near enough to see what one does"
    key(qtbot, owner, Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.landmarks_moved) as told:
        key(qtbot, owner, Qt.Key.Key_Right)
    index, landmarks, live = told.args
    assert live
    assert index == 1
    assert tuple(landmarks[2] - before[2]) == pytest.approx((1 / scale, 0))
    np.testing.assert_array_equal(landmarks[[0, 1, 3, 4]], before[[0, 1, 3, 4]])
    with qtbot.waitSignal(view.landmarks_moved) as told:
        qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert tuple(told.args[1][2] - before[2]) == pytest.approx((1 / scale, -10 / scale))
    view.grab()
    assert "the nose" in view._scene.hint
    with qtbot.assertNotEmitted(view.face_toggle_asked):
        key(qtbot, owner, Qt.Key.Key_Return)
    view.grab()
    assert view._scene.hint == ""
    key(qtbot, owner, Qt.Key.Key_Left)
    assert view.chosen_face == 0, "arrows choose faces again"


@pytest.mark.parametrize("act", ["press", "choose", "tool", "gone"])
def test_points_are_let_go_of(owner: Owner, qtbot: QtBot, act: str) -> None:
    view = owner.view
    owner.choose(1)
    key(qtbot, owner, Qt.Key.Key_P)
    acts: dict[str, Callable[[], object]] = {
        "press": lambda: qtbot.mouseClick(view, LEFT, pos=QPoint(5, 5)),
        "choose": lambda: owner.choose(0),
        "tool": lambda: view.set_tool(Tool.ERASE),
        "gone": lambda: view.set_faces([]),
    }
    acts[act]()
    view.set_tool(Tool.PAN)
    with qtbot.assertNotEmitted(view.landmarks_moved):
        key(qtbot, owner, Qt.Key.Key_Right)


# The card.


def rests_on(qtbot: QtBot, view: PhotoView, index: int) -> None:
    qtbot.mouseMove(view, QPoint(2, 2))  # a pointer that is there already would not move
    qtbot.mouseMove(view, view._box_of(index).center().toPoint())
    qtbot.waitUntil(lambda: view.carded_face == index)


def test_the_card_shows_a_face_before_and_after_beside_it(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    view.set_mode(CompareMode.BEFORE)
    plain = picture(view)
    qtbot.mouseMove(view, view._box_of(0).center().toPoint())
    assert view.carded_face == -1, "not while the pointer only passes"
    rests_on(qtbot, view, 0)
    place = place_beside(view._box_of(0), QRectF(view.rect()))
    assert place is not None
    carded = picture(view)
    x, y = int(place.left()) + 8 + 52, int(place.top()) + 8 + 52
    photo = smooth_photo(600, 500)[200, 150].astype(int)
    np.testing.assert_allclose(carded[y, x], photo, atol=12)
    np.testing.assert_allclose(carded[y, x + 108], 255 - photo, atol=12)
    box = view._box_of(0).toRect().adjusted(4, 4, -4, -4)
    face = (slice(box.top(), box.bottom()), slice(box.left(), box.right()))
    np.testing.assert_array_equal(carded[face], plain[face], "the face itself is not covered")
    qtbot.mouseMove(view, QPoint(3, 3))
    assert view.carded_face == -1
    np.testing.assert_array_equal(picture(view), plain)


def test_the_card_of_a_face_that_is_not_restored_shows_it_as_it_is(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    owner.marks = [FaceMark(mark.face) for mark in owner.marks]
    owner.choose(-1)
    rests_on(qtbot, view, 0)
    place = place_beside(view._box_of(0), QRectF(view.rect()))
    assert place is not None
    carded, row = picture(view), int(place.top()) + 60
    photo = smooth_photo(600, 500)[200].astype(int)
    for by in (-80, 0, 80):  # one crop as wide as the card
        x = 150 + by / (104 / (1.4 * 84))
        np.testing.assert_allclose(carded[row, int(place.center().x()) + by], photo[round(x)], atol=16)


def test_the_keyboard_has_a_card_too(owner: Owner, qtbot: QtBot) -> None:
    key(qtbot, owner, Qt.Key.Key_Tab)
    assert owner.view.carded_face == 0
    key(qtbot, owner, Qt.Key.Key_Tab)
    assert owner.view.carded_face == 1
    qtbot.mouseMove(owner.view, QPoint(2, 2))
    qtbot.mouseMove(owner.view, QPoint(4, 4))
    assert owner.view.carded_face == 1, "a pointer that is nudged takes no focus"
    owner.last.setFocus()
    assert owner.view.carded_face == -1


@pytest.mark.parametrize("act", ["press", "leave", "tool", "hide"])
def test_the_card_goes(owner: Owner, qtbot: QtBot, act: str) -> None:
    view = owner.view
    rests_on(qtbot, view, 0)
    acts: dict[str, Callable[[], object]] = {
        "press": lambda: qtbot.mousePress(view, LEFT, pos=view._box_of(0).center().toPoint()),
        "leave": lambda: QApplication.sendEvent(view, QEvent(QEvent.Type.Leave)),
        "tool": lambda: view.set_tool(Tool.DRAW_FACE),
        "hide": lambda: view.set_marks_visible(False),
    }
    acts[act]()
    assert view.carded_face == -1


@given(
    st.tuples(st.floats(-200, 900), st.floats(-200, 700), st.floats(5, 900), st.floats(5, 700)),
    st.tuples(st.floats(100, 1900), st.floats(100, 1000)),
)
def test_a_card_is_in_the_view_and_covers_no_face(
    box: tuple[float, float, float, float], size: tuple[float, float]
) -> None:
    face, view = QRectF(*box), QRectF(0, 0, *size)
    place = place_beside(face, view)
    if place is not None:
        assert view.contains(place)
        assert not place.intersects(face)
    elif view.contains(face) and size[1] > SIZE.height() + 20:
        assert face.width() > size[0] - 2 * (SIZE.width() + 40)


# Points placed by hand.


def test_points_are_dragged_while_they_are_placed(owner: Owner, qtbot: QtBot) -> None:
    view = owner.view
    view.set_tool(Tool.PLACE_LANDMARKS)
    origin = QPointF(*view._scene.viewports[0].to_view((0.0, 0.0)))

    def drag(start: tuple[int, int], end: tuple[int, int]) -> None:
        qtbot.mousePress(view, LEFT, pos=QPoint(*start))
        qtbot.mouseMove(view, QPoint(*end))
        qtbot.mouseRelease(view, LEFT, pos=QPoint(*end))

    drag((200, 200), (200, 200))
    drag((204, 203), (220, 190))  # the first one again
    drag((300, 200), (310, 200))
    view.grab()
    assert view._scene.hint == "Click on the mouth"
    with qtbot.waitSignal(view.landmarks_placed) as told:
        drag((250, 300), (260, 310))
    seen = [(x + origin.x(), y + origin.y()) for x, y in told.args[0]]
    np.testing.assert_allclose(seen, [(220, 190), (310, 200), (260, 310)], atol=1e-6)


def test_a_face_placed_by_hand_is_marked_so(owner: Owner) -> None:
    view = owner.view
    tag = view._box_of(0)
    place = (slice(int(tag.top()) - 22, int(tag.top()) - 3), slice(int(tag.left()), int(tag.left()) + 40))
    found = picture(view)[place]
    owner.marks[0] = FaceMark(owner.marks[0].face, drawn=True, restored=True)
    owner.choose(-1)
    white = (picture(view)[place].min(axis=2) > 200).sum() - (found.min(axis=2) > 200).sum()
    assert white >= 12, "the pencil"
