"""The view of a photo: what it paints, and what pointer and keys do."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.viewer.compare import CompareMode, Divider
from app.viewer.marks import FaceMark
from app.viewer.photo_view import PhotoView
from app.viewer.tools import Tool
from core.strokes import Stroke
from tests.conftest import face_at, smooth_photo

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> PhotoView:
    made = PhotoView()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def loaded(view: PhotoView) -> PhotoView:
    """A photo of 300 x 200 px whose after is twice as large and white."""
    view.set_pictures(smooth_photo(300, 200), np.full((400, 600, 3), 255, np.uint8))
    return view


def painted(view: PhotoView) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    ratio = view.devicePixelRatioF()
    assert ratio == 1
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def drag(qtbot: QtBot, view: PhotoView, *points: tuple[int, int]) -> None:
    qtbot.mousePress(view, LEFT, pos=QPoint(*points[0]))
    for point in points[1:]:
        qtbot.mouseMove(view, QPoint(*point))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(*points[-1]))


def wheel(view: PhotoView, at: tuple[int, int], delta: int, **options: object) -> None:
    modifiers = options.get("modifiers", Qt.KeyboardModifier.NoModifier)
    phase = options.get("phase", Qt.ScrollPhase.NoScrollPhase)
    event = QWheelEvent(
        QPointF(*at),
        view.mapToGlobal(QPointF(*at)),
        QPoint(0, delta if phase != Qt.ScrollPhase.NoScrollPhase else 0),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,  # type: ignore[arg-type]
        phase,  # type: ignore[arg-type]
        False,
    )
    QApplication.sendEvent(view, event)


# Comparing.


def test_the_divider_shows_before_left_and_after_right(loaded: PhotoView) -> None:
    picture = painted(loaded)
    assert picture[200, 440].min() == 255
    assert picture[200, 160].min() < 250
    loaded.set_divider(Divider(0.5, level=True))
    picture = painted(loaded)
    assert picture[290, 200].min() == 255
    assert picture[110, 200].min() < 250


def test_the_divider_is_dragged_anywhere(loaded: PhotoView, qtbot: QtBot) -> None:
    drag(qtbot, loaded, (301, 350), (360, 340), (450, 330))
    assert loaded.divider.share == pytest.approx(0.75, abs=0.01)
    qtbot.keyClick(loaded, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert loaded.divider.share == pytest.approx(0.73, abs=0.01)


def test_space_shows_the_original_while_it_is_held(loaded: PhotoView, qtbot: QtBot) -> None:
    loaded.set_mode(CompareMode.AFTER)
    assert painted(loaded)[200, 300].min() == 255
    qtbot.keyPress(loaded, Qt.Key.Key_Space)
    assert painted(loaded)[200, 300].min() < 250
    qtbot.keyRelease(loaded, Qt.Key.Key_Space)
    assert painted(loaded)[200, 300].min() == 255


def test_side_by_side_moves_together_or_apart(loaded: PhotoView, qtbot: QtBot) -> None:
    loaded.set_mode(CompareMode.SIDE_BY_SIDE)
    loaded.zoom_to(4.0)
    drag(qtbot, loaded, (450, 200), (440, 190), (400, 150))
    first, second = loaded._scene.viewports
    assert first == second
    loaded.set_synchronised(False)
    drag(qtbot, loaded, (450, 200), (440, 190), (420, 170))
    first, second = loaded._scene.viewports
    assert first != second
    loaded.set_synchronised(True)
    assert loaded._scene.viewports[0] == loaded._scene.viewports[1]


def test_the_lens_shows_after_around_the_pointer(loaded: PhotoView, qtbot: QtBot) -> None:
    loaded.set_mode(CompareMode.LENS)
    assert painted(loaded)[200, 300].min() < 250
    qtbot.mouseMove(loaded, QPoint(300, 200))
    picture = painted(loaded)
    assert picture[200, 300].min() == 255
    assert picture[200, 300 + 110].min() == 255
    assert picture[200, 300 + 130].min() < 250
    assert picture[200 - 100, 300 - 100].min() < 250, "it is round"
    wheel(loaded, (300, 200), 120, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert loaded._scene.lens_zoom == pytest.approx(2.5)


def test_without_an_after_there_is_nothing_to_compare(view: PhotoView) -> None:
    view.set_pictures(np.full((200, 300, 3), 77, np.uint8), None)
    picture = painted(view)
    assert (picture[101:299, 151:449] == 77).all()


# Zooming and moving.


def test_the_wheel_zooms_to_the_pointer(loaded: PhotoView) -> None:
    loaded.zoom_to(3.0)
    before = loaded._scene.photo_point(QPointF(200, 100), QRectF(loaded.rect()))
    wheel(loaded, (200, 100), 120)
    assert loaded.scale == pytest.approx(3.75)
    after = loaded._scene.photo_point(QPointF(200, 100), QRectF(loaded.rect()))
    assert after == pytest.approx(before, abs=0.01)


def test_a_touchpad_moves_instead(loaded: PhotoView) -> None:
    loaded.zoom_to(4.0)
    centre = loaded._scene.viewports[0].centre
    wheel(loaded, (200, 100), 40, phase=Qt.ScrollPhase.ScrollUpdate)
    assert loaded.scale == pytest.approx(4.0)
    assert loaded._scene.viewports[0].centre[1] == pytest.approx(centre[1] - 10)


def test_dragging_moves_and_a_double_click_goes_to_100_percent(loaded: PhotoView, qtbot: QtBot) -> None:
    loaded.set_mode(CompareMode.AFTER)
    loaded.zoom_to(4.0)
    centre = loaded._scene.viewports[0].centre
    drag(qtbot, loaded, (100, 100), (120, 110), (140, 130))
    assert loaded._scene.viewports[0].centre == pytest.approx((centre[0] - 10, centre[1] - 7.5))
    qtbot.mouseDClick(loaded, LEFT, pos=QPoint(100, 100))
    assert loaded._scene.viewports[0].fits


def test_arrows_move_when_there_is_more_to_see(loaded: PhotoView, qtbot: QtBot) -> None:
    loaded.zoom_to(4.0)
    before = loaded._scene.viewports[0].centre
    qtbot.keyClick(loaded, Qt.Key.Key_Right)
    assert loaded._scene.viewports[0].centre[0] == pytest.approx(before[0] + 16)


def test_scale_and_place_are_kept_between_photos(loaded: PhotoView) -> None:
    loaded.zoom_to(2.5)
    loaded.set_pictures(smooth_photo(600, 400), None, keep_view=True)
    assert loaded.scale == pytest.approx(2.5)
    loaded.set_pictures(smooth_photo(300, 200), None)
    assert loaded.scale == 1.0


# Faces.


@pytest.fixture
def faces(loaded: PhotoView) -> PhotoView:
    """Two faces, the second one chosen; at 100 % the photo begins at (150, 100)."""
    loaded.set_mode(CompareMode.AFTER)
    loaded.set_faces([FaceMark(face_at(80, 80, 100)), FaceMark(face_at(220, 100, 100), selected=True)])
    return loaded


def test_faces_are_told_by_click_and_hover(faces: PhotoView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(faces.face_hovered) as told:
        qtbot.mouseMove(faces, QPoint(230, 180))
    assert told.args == [0]
    with qtbot.waitSignal(faces.face_clicked) as told:
        qtbot.mouseClick(faces, LEFT, pos=QPoint(230, 180))
    assert told.args == [0]
    with qtbot.assertNotEmitted(faces.face_clicked):
        qtbot.mouseClick(faces, LEFT, pos=QPoint(160, 290))
        drag(qtbot, faces, (230, 180), (260, 190), (290, 200))


def test_a_face_that_is_none_is_deleted(faces: PhotoView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(faces.face_delete_asked) as told:
        qtbot.keyClick(faces, Qt.Key.Key_Delete)
    assert told.args == [1]


def test_landmarks_of_the_chosen_face_are_dragged(faces: PhotoView, qtbot: QtBot) -> None:
    x, y = face_at(220, 100, 100).landmarks[2]
    start = (round(150.5 + x), round(100.5 + y))
    with qtbot.waitSignal(faces.landmarks_moved) as told:
        drag(qtbot, faces, start, (start[0] + 5, start[1]), (start[0] + 12, start[1] + 6))
    face, landmarks, live = told.args
    assert not live
    assert face == 1
    assert landmarks[2] == pytest.approx((x + 12, y + 6), abs=1)
    np.testing.assert_array_equal(landmarks[[0, 1, 3, 4]], face_at(220, 100, 100).landmarks[[0, 1, 3, 4]])


def test_a_face_that_goes_while_its_landmark_is_held_is_let_go(faces: PhotoView, qtbot: QtBot) -> None:
    x, y = face_at(220, 100, 100).landmarks[2]
    start = QPoint(round(150.5 + x), round(100.5 + y))
    qtbot.mousePress(faces, LEFT, pos=start)
    faces.set_faces([])
    with qtbot.assertNotEmitted(faces.landmarks_moved):
        qtbot.mouseMove(faces, start + QPoint(5, 5))
        qtbot.mouseRelease(faces, LEFT, pos=start + QPoint(5, 5))


def test_another_button_does_not_take_a_stroke_away(faces: PhotoView, qtbot: QtBot) -> None:
    faces.set_tool(Tool.ERASE)
    qtbot.mousePress(faces, LEFT, pos=QPoint(200, 200))
    qtbot.mousePress(faces, Qt.MouseButton.MiddleButton, pos=QPoint(210, 200))
    qtbot.mouseMove(faces, QPoint(230, 200))
    qtbot.mouseRelease(faces, Qt.MouseButton.MiddleButton, pos=QPoint(230, 200))
    with qtbot.waitSignal(faces.stroke_drawn):
        qtbot.mouseRelease(faces, LEFT, pos=QPoint(230, 200))


def test_left_out_faces_look_different_without_colour(faces: PhotoView) -> None:
    whole = painted(faces)
    faces.set_faces([FaceMark(face_at(80, 80, 100), included=False)])
    dashed = painted(faces)
    top = 100 + 50  # the upper edge of the first box
    row = slice(top - 1, top + 2)
    assert np.abs(whole[row, 205:255].astype(int) - dashed[row, 205:255]).max() > 60


def test_marks_can_be_hidden(faces: PhotoView, qtbot: QtBot) -> None:
    faces.set_marks_visible(False)
    assert (painted(faces)[101:299, 151:449] == 255).all()
    with qtbot.assertNotEmitted(faces.face_clicked):
        qtbot.mouseClick(faces, LEFT, pos=QPoint(230, 180))


# Tools.


def test_a_box_is_drawn_around_a_missed_face(faces: PhotoView, qtbot: QtBot) -> None:
    faces.set_tool(Tool.DRAW_FACE)
    with qtbot.waitSignal(faces.face_box_drawn) as told:
        drag(qtbot, faces, (260, 250), (240, 220), (200, 150))
    assert told.args[0] == pytest.approx((49.5, 49.5, 109.5, 149.5))
    with qtbot.assertNotEmitted(faces.face_box_drawn):
        qtbot.mouseClick(faces, LEFT, pos=QPoint(200, 200))


def test_three_clicks_place_a_face(faces: PhotoView, qtbot: QtBot) -> None:
    faces.set_tool(Tool.PLACE_LANDMARKS)
    with qtbot.waitSignal(faces.landmarks_placed) as told:
        for at in ((200, 200), (240, 200), (220, 240)):
            qtbot.mouseClick(faces, LEFT, pos=QPoint(*at))
    assert told.args[0][2] == pytest.approx((69.5, 139.5))


def test_escape_forgets_what_is_being_made_and_then_the_tool(faces: PhotoView, qtbot: QtBot) -> None:
    faces.set_tool(Tool.PLACE_LANDMARKS)
    qtbot.mouseClick(faces, LEFT, pos=QPoint(200, 200))
    qtbot.keyClick(faces, Qt.Key.Key_Escape)
    assert faces.tool is Tool.PLACE_LANDMARKS
    qtbot.keyClick(faces, Qt.Key.Key_Escape)
    assert faces.tool is Tool.PAN


@pytest.mark.parametrize(("tool", "erases"), [(Tool.ERASE, True), (Tool.BRUSH, False)])
def test_the_brush_paints_strokes_in_photo_pixels(
    faces: PhotoView, qtbot: QtBot, tool: Tool, erases: bool
) -> None:
    faces.set_brush(12.0, 0.25)
    faces.set_tool(tool)
    with qtbot.waitSignal(faces.stroke_drawn) as told:
        drag(qtbot, faces, (200, 200), (220, 200), (240, 210))
    (stroke,) = told.args
    assert isinstance(stroke, Stroke)
    assert (stroke.radius, stroke.softness, stroke.erases) == (12.0, 0.25, erases)
    assert stroke.points[0] == pytest.approx((49.5, 99.5))
    assert stroke.points[-1] == pytest.approx((89.5, 109.5))


def test_alt_and_the_wheel_change_the_brush(faces: PhotoView) -> None:
    faces.set_tool(Tool.ERASE)
    faces.set_brush(10.0, 0.5)
    wheel(faces, (200, 200), 120, modifiers=Qt.KeyboardModifier.AltModifier)
    assert faces.brush[0] == pytest.approx(12.5)
