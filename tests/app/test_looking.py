"""Faces are looked for in the photo in front, whatever waits, was cancelled or closed meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.document.library import PhotoState
from app.workbench import Workbench
from core.errors import RestorationError
from core.strokes import Stroke
from tests.app.conftest import FakeEngine
from tests.app.test_engine_controller import done, opened, restoring
from tests.conftest import PATIENCE

Make = Callable[..., list[Path]]


@pytest.fixture
def look(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The detector waits for it."""
    may_look, detect = threading.Event(), engine.detect

    def wait(*arguments: object) -> object:
        may_look.wait(PATIENCE)
        return detect(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "detect", wait)
    yield may_look
    may_look.set()


def test_a_photo_in_a_paused_queue_is_looked_at(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(4), qtbot)
    bench.engine.pause()
    bench.restore(keys)
    bench.show(keys[3])
    entry = bench.library.entry(keys[3])
    qtbot.waitUntil(lambda: entry.decisions.faces is not None)
    assert entry.state is PhotoState.QUEUED
    bench.toggle_face(0)
    bench.engine.resume()
    qtbot.waitUntil(lambda: done(bench, keys))
    assert [face.included for face in entry.decisions.faces or ()] == [False, True]


def test_a_photo_in_front_is_looked_at_after_a_cancel(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(2), qtbot)
    restoring(bench, engine, keys[:1], qtbot)
    bench.restore(keys[1:])
    bench.show(keys[1])
    bench.engine.cancel(keys)
    engine.held = False
    qtbot.waitUntil(lambda: bench.library.entry(keys[1]).state is PhotoState.FOUND)
    # As many as were asked for since: the two are not counted any more.
    bench.restore(keys[1:])
    assert (bench.engine.pace.total, bench.engine.pace.done) == (1, 0)
    qtbot.waitUntil(lambda: done(bench, keys[1:]))


def test_a_photo_taken_back_while_it_is_looked_at_is_looked_at_again(
    bench: Workbench, make_photos: Make, qtbot: QtBot, look: threading.Event
) -> None:
    (path,) = make_photos()
    (key,) = bench.library.add([path])
    bench.show(key)
    take_back = bench.remove([key])
    take_back()
    look.set()
    qtbot.waitUntil(lambda: bench.library.entry(key).state is PhotoState.FOUND)


def test_a_queued_photo_whose_look_is_cancelled_is_looked_at_again(
    bench: Workbench, make_photos: Make, qtbot: QtBot, look: threading.Event
) -> None:
    (key,) = bench.library.add(make_photos())
    bench.engine.pause()
    bench.restore([key])
    bench.show(key)
    bench.engine.cancel([key])
    look.set()
    qtbot.waitUntil(lambda: bench.library.entry(key).state is PhotoState.FOUND)
    assert (bench.engine.pace.total, bench.engine.pace.done) == (1, 1)


def test_what_is_drawn_before_faces_are_found_outlives_a_restoration(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RestorationError("The detector gave nothing usable.")

    (key,) = bench.library.add(make_photos())
    entry = bench.library.entry(key)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "detect", fail)
        bench.show(key)
        qtbot.waitUntil(lambda: entry.state is PhotoState.FAILED)
    stroke = Stroke(((50.0, 50.0), (60.0, 60.0)), 10.0, True, 0.5)
    bench.place_face((60, 60), (90, 60), (75, 90))
    bench.add_stroke(stroke)
    bench.restore([key])
    qtbot.waitUntil(lambda: done(bench, [key]))
    assert [face.drawn for face in entry.decisions.faces or ()] == [False, False, True]
    assert entry.decisions.strokes == (stroke,)
