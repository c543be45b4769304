"""What was done is taken back: closed photos, steps, and work of the last time."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import message_bar
from app.main_window import MainWindow
from app.notify import Level
from app.workbench import Workbench
from core.strokes import Stroke
from core.types import BlendOptions
from tests.app.conftest import FakeEngine
from tests.app.test_engine_controller import done, opened
from tests.app.test_main_window import loaded, make_window, shape_of, window
from tests.conftest import PATIENCE

__all__ = ["make_window", "window"]

Make = Callable[..., list[Path]]
STROKE = Stroke(((50.0, 50.0), (60.0, 60.0)), 10.0, True, 0.5)


def names(window: MainWindow) -> list[str]:
    return [entry.name for entry in window.bench.library.entries]


# Closed photos.


def test_a_photo_comes_back_with_its_steps(bench: Workbench, make_photos: Make, qtbot: QtBot) -> None:
    keys = opened(bench, make_photos(2), qtbot)
    bench.restore(keys[:1])
    qtbot.waitUntil(lambda: done(bench, keys[:1]))
    bench.toggle_face(0)
    take_back = bench.remove(keys[:1])
    assert not bench.undo.canUndo(), "of a photo that is not there"
    take_back()
    bench.show(keys[0])
    assert [face.included for face in bench.library.entry(keys[0]).decisions.faces or ()] == [False, True]
    bench.undo.undo()
    assert [face.included for face in bench.library.entry(keys[0]).decisions.faces or ()] == [True, True]
    assert done(bench, keys[:1])


def test_steps_are_freed_once_their_photo_cannot_come_back(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    bench.toggle_face(0)
    stack = weakref.ref(bench.library.entry(key).stack)
    take_back = bench.remove([key])
    gc.collect()
    assert stack() is not None
    del take_back
    gc.collect()
    assert stack() is None


def test_steps_on_a_closed_photo_are_never_taken_back_on_another(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    first, second = opened(bench, make_photos(2), qtbot)
    bench.add_stroke(STROKE)
    bench.show(second)
    qtbot.waitUntil(lambda: bench.current is not None and bench.current.decisions.faces is not None)
    bench.toggle_face(0)
    bench.remove([second])
    assert bench.current is bench.library.entry(first)
    assert bench.undo.activeStack() is bench.current.stack
    bench.remove([first])
    assert not bench.undo.canUndo()


def test_one_that_was_opened_again_is_not_there_twice(bench: Workbench, make_photos: Make, qtbot: QtBot) -> None:
    (path,) = make_photos()
    keys = opened(bench, [path], qtbot)
    take_back = bench.remove(keys)
    bench.open([path])
    take_back()
    assert [entry.path for entry in bench.library.entries] == [path]


def test_photos_closed_one_after_the_other_come_back_together(
    window: MainWindow, make_photos: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(window, make_photos(3), qtbot)
    keys = [entry.key for entry in window.bench.library.entries]
    window.notifier.tell("An older error.", Level.ERROR)
    with monkeypatch.context() as patch:
        patch.setattr(message_bar, "_READ", -1.0)
        window.closing.close_photos(keys[1:2])
    window.closing.close_photos(keys[:1])
    assert window.messages.sentence.text() == "2 photo(s) closed."
    assert names(window) == ["photo 2.png"]
    qtbot.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    assert names(window) == ["photo 0.png", "photo 1.png", "photo 2.png"]
    assert window.messages.sentence.text() == "An older error."
    window.messages.dismiss()
    window.closing.close_photos(keys[2:])
    window.messages.dismiss()
    window.closing.close_photos(keys[:1])
    assert window.messages.sentence.text() == "1 photo(s) closed."
    qtbot.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    assert names(window) == ["photo 0.png", "photo 1.png"]


# Steps.


def test_each_drag_of_a_point_is_a_step_and_arrows_are_one(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    stack = bench.library.entry(key).stack
    face = (bench.library.entry(key).decisions.faces or ())[0]
    for number in (1, 2):
        bench.move_landmarks(0, face.face.landmarks + number)
    assert stack.count() == 2
    for number in (3, 4, 5):
        bench.move_landmarks(0, face.face.landmarks + number, live=True)
    assert stack.count() == 3
    stack.undo()
    moved = (bench.library.entry(key).decisions.faces or ())[0].face.landmarks
    np.testing.assert_array_equal(moved, face.face.landmarks + 2)


def test_a_change_for_all_faces_leaves_what_each_has_of_its_own(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    bench.set_blend(BlendOptions(0.4), 0)
    bench.set_blend(BlendOptions(match_grain=True))
    blends = bench.library.entry(key).decisions.blends()
    assert blends == {0: BlendOptions(0.4, match_grain=True), 1: BlendOptions(match_grain=True)}
    bench.blend_alike(BlendOptions(0.7))
    assert bench.library.entry(key).decisions.blends() == dict.fromkeys(range(2), BlendOptions(0.7))


def test_found_faces_survive_a_step_made_before_them(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_look, detect = threading.Event(), engine.detect

    def wait(*arguments: object) -> object:
        may_look.wait(PATIENCE)
        return detect(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "detect", wait)
    bench.open(make_photos())
    assert bench.current is not None
    bench.place_face((60, 60), (90, 60), (75, 90))
    may_look.set()
    qtbot.waitUntil(lambda: bench.current is not None and len(bench.current.decisions.faces or ()) == 3)
    bench.undo.undo()
    qtbot.waitUntil(lambda: bench.current is not None and len(bench.current.decisions.faces or ()) == 2)
    bench.undo.redo()
    qtbot.waitUntil(lambda: bench.current is not None and len(bench.current.decisions.faces or ()) == 3)


def test_a_face_that_is_found_late_belongs_to_its_photo(bench: Workbench, make_photos: Make, qtbot: QtBot) -> None:
    first, second = opened(bench, make_photos(2), qtbot)
    bench.draw_face((30, 20, 90, 80))
    bench.show(second)
    qtbot.waitUntil(lambda: len(bench.library.entry(first).decisions.faces or ()) == 3)
    assert bench.library.entry(first).stack.canUndo()


def test_nothing_unseen_is_taken_back_while_straightening(
    window: MainWindow, make_photos: Make, qtbot: QtBot
) -> None:
    loaded(window, make_photos(), qtbot)
    qtbot.waitUntil(lambda: bool(shape_of(window)))
    window.bench.add_stroke(STROKE)
    window.does["straighten"].trigger()
    assert not window.bench.undo.canUndo()
    window.straighten.cancel.click()
    assert window.bench.undo.canUndo()


# The last time.


@pytest.fixture
def left_behind(make_window: Callable[[], MainWindow], make_photos: Make, qtbot: QtBot) -> list[Path]:
    """Three photos of a window that was closed: on the first one a stroke, one face of it left out, the second in
    front."""
    paths = make_photos(3)
    before = make_window()
    loaded(before, paths, qtbot)
    before.bench.add_stroke(STROKE)
    before.bench.toggle_face(1)
    before.bench.show_at(1)
    qtbot.waitUntil(lambda: bool(before.bench.current and before.bench.current.decisions.faces))
    before.session.journal.write()
    before.close()
    return paths


def test_a_photo_that_is_open_again_gets_its_work_back(
    make_window: Callable[[], MainWindow], left_behind: list[Path], qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    loaded(window, left_behind[:1], qtbot)
    window.session.journal.write()
    saved = json.loads((tmp_path / "data" / "session" / "photos.json").read_text())["photos"]
    assert [len(photo["decisions"]["strokes"]) for photo in saved] == [1, 0, 0], "nobody did anything with it yet"
    qtbot.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    assert names(window) == [path.name for path in left_behind]
    decisions = window.bench.library.entries[0].decisions
    assert decisions.strokes == (STROKE,)
    assert [face.included for face in decisions.faces or ()] == [True, False]
    assert window.bench.current is window.bench.library.entries[1]


def test_what_was_done_since_counts(
    make_window: Callable[[], MainWindow], left_behind: list[Path], qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    loaded(window, left_behind[:1], qtbot)
    window.bench.toggle_face(0)
    window.session.journal.write()
    saved = json.loads((tmp_path / "data" / "session" / "photos.json").read_text())["photos"]
    assert [len(photo["decisions"]["strokes"]) for photo in saved] == [0, 0, 0]
    qtbot.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    assert [face.included for face in window.bench.library.entries[0].decisions.faces or ()] == [False, True]


def test_after_a_crash_one_message_offers_to_go_on(
    make_window: Callable[[], MainWindow], left_behind: list[Path], qtbot: QtBot
) -> None:
    window = make_window()
    window.messages.dismiss()
    window.session.begin("Fatal Python error")
    assert window.messages.sentence.text() == (
        "The program ended unexpectedly the last time. 3 photo(s) were open the last time."
    )
    assert window.messages.action.isVisible()
    assert window.messages.details.isVisible()
    qtbot.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    assert names(window) == [path.name for path in left_behind]


def test_a_second_window_says_that_it_keeps_nothing(make_window: Callable[[], MainWindow]) -> None:
    make_window()
    assert "is not kept" in make_window().messages.sentence.text()
