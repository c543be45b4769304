"""The view's gestures in the whole window: each comes to a decision that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document.decisions import FaceDecision
from app.main_window import MainWindow
from app.viewer.tools import Tool
from tests.app.conftest import FakeEngine

Make = Callable[..., list[Path]]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(
    qtbot: QtBot, tmp_path: Path, engine: FakeEngine, own_models_folder: Path, make_photos: Make
) -> Iterator[MainWindow]:
    """With a photo and its two faces."""
    made = MainWindow(tmp_path / "data", engine.open)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    made.begin(make_photos())
    made.activateWindow()
    qtbot.waitUntil(lambda: bool(made.bench.current and made.bench.current.decisions.faces))
    qtbot.waitUntil(lambda: len(made.view._scene.marks) == 2 and made.view._scene.before is not None)
    made.view.setFocus()
    qtbot.waitUntil(made.view.hasFocus)
    yield made
    made.close()


def faces(window: MainWindow) -> tuple[FaceDecision, ...]:
    assert window.bench.current is not None
    return window.bench.current.decisions.faces or ()


def at(window: MainWindow, x: float, y: float) -> QPoint:
    return QPointF(*window.view._scene.viewports[0].to_view((x, y))).toPoint()


def test_a_face_is_left_out_by_keys_alone(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.view, Qt.Key.Key_Tab)
    assert window.panel.index == 0
    qtbot.keyClick(window.view, Qt.Key.Key_Right)
    assert window.panel.index == 1
    qtbot.keyClick(window.view, Qt.Key.Key_Return)
    assert [face.included for face in faces(window)] == [True, False]
    assert "Left out" in window.view.accessibleName()
    window.bench.undo.undo()
    assert faces(window)[1].included
    qtbot.keyClick(window.view, Qt.Key.Key_Escape)
    assert window.panel.index is None


def test_a_face_is_left_out_by_its_chip_which_another_one_replaces(window: MainWindow, qtbot: QtBot) -> None:
    for included in (False, True):
        chip = window.panel.chips._chips[0]
        qtbot.mouseClick(chip, LEFT, pos=chip._tick_place().center().toPoint())
        assert window.panel.chips._chips[0] is not chip
        assert [face.included for face in faces(window)] == [included, True]


def test_a_key_pressed_twice_on_a_chip_goes_to_no_other_widget(window: MainWindow, qtbot: QtBot) -> None:
    window.panel.choose(0)
    window.panel.chips._chips[1].setFocus()
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Delete)
    assert len(faces(window)) == 1
    assert faces(window)[0].face.box[0] < 100, "the other one is gone"


def test_the_card_knows_which_faces_are_restored(window: MainWindow, qtbot: QtBot) -> None:
    assert not any(mark.restored for mark in window.view._scene.marks)
    window.bench.toggle_face(1)
    window.does["restore"].trigger()
    qtbot.waitUntil(lambda: [mark.restored for mark in window.view._scene.marks] == [True, False])


def test_a_face_placed_by_hand_is_chosen_marked_and_its_points_are_dragged(
    window: MainWindow, qtbot: QtBot
) -> None:
    view = window.view
    window.does["place_landmarks"].trigger()
    for x, y in ((90, 80), (110, 80), (100, 100)):
        qtbot.mouseClick(view, LEFT, pos=at(window, x, y))
    assert view.tool is Tool.PAN
    assert len(faces(window)) == 3
    assert window.panel.index == 2
    mark = view._scene.marks[2]
    assert mark.drawn
    assert mark.selected
    start = mark.face.landmarks[0]
    qtbot.mousePress(view, LEFT, pos=at(window, *start))
    qtbot.mouseMove(view, at(window, *start) + QPoint(-5, 4))
    qtbot.mouseRelease(view, LEFT, pos=at(window, *start) + QPoint(-5, 4))
    assert tuple(faces(window)[2].face.landmarks[0] - start) == pytest.approx((-5, 4), abs=0.6)


def test_a_stroke_drawn_in_the_window_is_a_decision(window: MainWindow, qtbot: QtBot) -> None:
    window.does["restore"].trigger()
    qtbot.waitUntil(lambda: window.view._scene.after is not None)
    window.does["erase"].trigger()
    qtbot.mousePress(window.view, LEFT, pos=at(window, 60, 50))
    result, before = window.presenter.result, window.view._scene.before
    assert result is not None
    assert before is not None
    qtbot.waitUntil(lambda: bool((result[50, 60] == before.pixels[50, 60]).all()))
    assert window.bench.current is not None
    assert window.bench.current.decisions.strokes == ()
    qtbot.mouseRelease(window.view, LEFT, pos=at(window, 60, 50))
    assert len(window.bench.current.decisions.strokes) == 1


def test_keys_go_to_the_first_and_the_last_photo(window: MainWindow, make_photos: Make, qtbot: QtBot) -> None:
    window.incoming.open(make_photos(3))
    qtbot.waitUntil(lambda: window.bench.library.rowCount() == 3)
    keys = [entry.key for entry in window.bench.library.entries]
    window.view.setFocus()
    for key, place in ((Qt.Key.Key_End, -1), (Qt.Key.Key_Home, 0)):
        qtbot.keyClick(window.view, key, Qt.KeyboardModifier.ControlModifier)
        assert window.bench.current is not None
        assert window.bench.current.key == keys[place]
        assert window.strip.view.currentIndex().row() == place % 3


def test_the_photo_is_not_drawn_anew_when_its_result_changes(window: MainWindow, qtbot: QtBot) -> None:
    before = window.view._scene.before
    window.does["restore"].trigger()
    qtbot.waitUntil(lambda: window.view._scene.after is not None)
    after = window.view._scene.after
    window.bench.toggle_face(0)
    qtbot.waitUntil(lambda: window.view._scene.after is not after)
    assert window.view._scene.before is before
