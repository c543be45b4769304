"""Straightening by a line, by turning, and by keys."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from app.translation import install
from app.viewer.crop import levelled, turned_about
from app.viewer.straighten_view import StraightenView
from core.geometry import Geometry, has_empty_corner, matrix
from tests.app.test_translation import only_here
from tests.conftest import smooth_photo

__all__ = ["only_here"]

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def straighten(qtbot: QtBot) -> StraightenView:
    made = StraightenView()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.set_photo(smooth_photo(400, 300), Geometry())
    made.show()
    qtbot.waitExposed(made)
    return made


def drag(
    qtbot: QtBot,
    straighten: StraightenView,
    start: QPoint,
    end: QPoint,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    frame = straighten.frame
    qtbot.mousePress(frame, LEFT, held, start)
    qtbot.mouseMove(frame, (start + end) / 2)
    qtbot.mouseMove(frame, end)
    qtbot.mouseRelease(frame, LEFT, held, end)


def middle_of(straighten: StraightenView) -> QPoint:
    return straighten.frame.rect().center()


@given(st.floats(-44, 44), st.floats(-30, 30), st.sampled_from([0, 90, 180, 270]))
def test_a_line_becomes_level_or_upright(now: float, off: float, way: float) -> None:
    angle = math.radians(way + off)
    degrees = levelled(now, QPointF(10, 20), QPointF(10 + 300 * math.cos(angle), 20 + 300 * math.sin(angle)))
    assert degrees == pytest.approx(min(max(now - off, -45), 45), abs=0.06)


@given(st.floats(-20, 20), st.floats(0, 2 * math.pi), st.floats(-20, 20))
def test_turning_follows_the_pointer(now: float, start: float, by: float) -> None:
    def at(angle: float) -> QPointF:
        return QPointF(50 + 80 * math.cos(angle), 60 + 80 * math.sin(angle))

    degrees = turned_about(now, QPointF(50, 60), at(start), at(start + math.radians(by)))
    assert degrees == pytest.approx(now + by, abs=0.06)


def test_a_horizon_is_made_level(straighten: StraightenView, qtbot: QtBot) -> None:
    """A line drawn along a slope of the photo: the same slope is level in what becomes of it."""
    middle = middle_of(straighten)
    qtbot.mouseClick(straighten.line, LEFT)
    drag(qtbot, straighten, middle + QPoint(-150, -20), middle + QPoint(150, 20))
    degrees = straighten.frame.geometry_.degrees
    assert degrees == pytest.approx(-math.degrees(math.atan2(40, 300)), abs=0.1)
    assert straighten.angle.value() == round(10 * degrees)
    ends = np.array([[-150.0, -20, 0], [150, 20, 0]]) @ matrix(straighten.frame.geometry_, (400, 300)).T
    assert abs(ends[0][1] - ends[1][1]) < 0.6
    assert not straighten.line.isChecked(), "one line, then the frame again"
    assert not has_empty_corner(straighten.frame.geometry_, (400, 300))


def test_with_ctrl_a_drag_is_a_line_at_once(straighten: StraightenView, qtbot: QtBot) -> None:
    middle = middle_of(straighten)
    drag(qtbot, straighten, middle + QPoint(-9, -120), middle + QPoint(9, 120), CTRL)
    assert straighten.frame.geometry_.degrees == pytest.approx(math.degrees(math.atan2(18, 240)), abs=0.1)
    before = straighten.frame.geometry_
    drag(qtbot, straighten, middle, middle + QPoint(3, 2), CTRL)
    assert straighten.frame.geometry_ == before, "a click is no line"


def test_the_line_is_seen_while_it_is_drawn(straighten: StraightenView, qtbot: QtBot) -> None:
    frame, middle = straighten.frame, middle_of(straighten)
    end = middle + QPoint(100, 30)
    qtbot.mousePress(frame, LEFT, CTRL, middle - QPoint(100, 30))
    without = frame.grab().toImage().pixelColor(end)
    qtbot.mouseMove(frame, end)
    assert frame.grab().toImage().pixelColor(end) != without
    qtbot.mouseRelease(frame, LEFT, CTRL, end)


def test_a_drag_outside_the_frame_turns_the_photo(straighten: StraightenView, qtbot: QtBot) -> None:
    straighten.frame.set_geometry(Geometry(crop=(100, 75, 300, 225)))
    frame, middle = straighten.frame, middle_of(straighten)
    assert not frame.frame().adjusted(-14, -14, 14, 14).contains(QPointF(middle + QPoint(300, 0)))
    drag(qtbot, straighten, middle + QPoint(300, 0), middle + QPoint(300, 53))
    assert frame.geometry_.degrees == pytest.approx(math.degrees(math.atan2(53, 300)), abs=0.3)
    crop = frame.geometry_.crop
    assert crop is not None
    assert not has_empty_corner(frame.geometry_, (400, 300))


def test_l_draws_a_line_and_escape_first_puts_that_away(straighten: StraightenView, qtbot: QtBot) -> None:
    qtbot.keyClick(straighten.frame, Qt.Key.Key_L)
    assert straighten.line.isChecked()
    with qtbot.assertNotEmitted(straighten.cancelled):
        qtbot.keyClick(straighten.frame, Qt.Key.Key_Escape)
    assert not straighten.line.isChecked()
    with qtbot.waitSignal(straighten.cancelled):
        qtbot.keyClick(straighten.frame, Qt.Key.Key_Escape)


def test_return_presses_the_button_that_has_the_focus(straighten: StraightenView, qtbot: QtBot) -> None:
    straighten.right.click()
    straighten.reset.setFocus()
    with qtbot.assertNotEmitted(straighten.accepted):
        qtbot.keyClick(straighten.reset, Qt.Key.Key_Return)
        assert straighten.frame.geometry_ == Geometry()
        straighten.cancel.setFocus()
        with qtbot.waitSignal(straighten.cancelled):
            qtbot.keyClick(straighten.cancel, Qt.Key.Key_Return)
    straighten.frame.setFocus()
    with qtbot.waitSignal(straighten.accepted):
        qtbot.keyClick(straighten.frame, Qt.Key.Key_Enter)


@pytest.mark.usefixtures("only_here")
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [440, 500, 600, 700, 1000])
def test_nothing_is_cut_where_there_is_little_room(
    qapp: QApplication, qtbot: QtBot, language: str, width: int
) -> None:
    install(qapp, language)
    window = QMainWindow()
    qtbot.addWidget(window)
    view = StraightenView()
    window.setCentralWidget(view)
    window.resize(1200, 400)
    window.show()
    window.resize(width, 400)
    qapp.processEvents()
    assert view.width() == width
    assert view.angle.width() >= 120
    for button in (view.reset, view.cancel, view.accept):
        assert button.width() >= button.sizeHint().width()
        assert view.rect().contains(button.geometry())
