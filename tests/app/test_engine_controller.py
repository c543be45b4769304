"""The engine's thread: every job ends once, in order, and what nobody wants any more is dropped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document.library import PhotoState
from app.engine.pace import Pace
from app.engine.shelf import Shelf
from app.workbench import Workbench
from core.engines.engine import Target
from core.geometry import Geometry
from core.identity import IdentityMeter
from core.types import BlendOptions, Likeness
from tests.app.conftest import FakeEngine

Make = Callable[..., list[Path]]


def states(bench: Workbench) -> list[PhotoState]:
    return [entry.state for entry in bench.library.entries]


def opened(bench: Workbench, paths: list[Path], qtbot: QtBot) -> list[int]:
    """The keys of photos that are open, the first one in front with its faces found."""
    with qtbot.waitSignal(bench.engine.faces_found):
        bench.open(paths)
    return [entry.key for entry in bench.library.entries]


def restoring(bench: Workbench, engine: FakeEngine, keys: list[int], qtbot: QtBot) -> None:
    """The restorer works on the first of these photos until `engine.held` is taken away."""
    engine.held = True
    bench.restore(keys)
    qtbot.waitUntil(lambda: engine.restored > 0)


def done(bench: Workbench, keys: list[int]) -> bool:
    return all(bench.library.entry(key).state is PhotoState.DONE for key in keys)


def test_faces_are_looked_for_by_themselves(bench: Workbench, make_photos: Make, qtbot: QtBot) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    assert states(bench) == [PhotoState.FOUND]
    assert len(bench.library.entry(key).decisions.faces or ()) == 2


def test_a_queue_is_worked_through_in_order(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(4), qtbot)
    ended: list[int] = []
    bench.engine.restored.connect(lambda key, _: ended.append(key))
    bench.restore(keys)
    assert states(bench)[1:] == [PhotoState.QUEUED] * 3
    qtbot.waitUntil(lambda: done(bench, keys))
    assert ended == keys
    assert engine.restored == 8
    assert bench.engine.pace.done == 4


def test_what_is_restored_is_not_restored_again(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(), qtbot)
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, keys))
    bench.set_blend(BlendOptions(0.5))
    bench.toggle_face(0)
    bench.toggle_face(0)
    with qtbot.waitSignal(bench.engine.restored):
        bench.restore(keys)
    assert engine.restored == 2


def test_a_photo_that_fails_stops_no_other(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    good = make_photos(2)
    keys = opened(bench, [good[0], tmp_path / "bad.png", good[1]], qtbot)
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, [keys[0], keys[2]]))
    bad = bench.library.entry(keys[1])
    assert bad.state is PhotoState.FAILED
    assert "is not a picture this program can read" in bad.reason


def test_cancelling_one_leaves_the_others(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(3), qtbot)
    restoring(bench, engine, keys, qtbot)
    qtbot.waitUntil(lambda: states(bench)[0] is PhotoState.RESTORING)
    bench.engine.cancel([keys[0], keys[1]])
    assert states(bench)[1] is PhotoState.NEW
    engine.held = False
    qtbot.waitUntil(lambda: done(bench, [keys[2]]))
    assert states(bench)[:2] == [PhotoState.FOUND, PhotoState.NEW]


def test_cancelling_all_empties_the_queue(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(3), qtbot)
    restoring(bench, engine, keys, qtbot)
    bench.engine.cancel()
    engine.held = False
    qtbot.waitUntil(lambda: PhotoState.RESTORING not in states(bench))
    assert bench.engine.waiting == ()
    assert not bench.engine.busy
    assert PhotoState.DONE not in states(bench)


def test_a_pause_keeps_the_queue(bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine) -> None:
    keys = opened(bench, make_photos(3), qtbot)
    bench.engine.pause()
    bench.restore(keys)
    assert states(bench) == [PhotoState.QUEUED] * 3
    assert not bench.engine.busy
    bench.engine.resume()
    qtbot.waitUntil(lambda: done(bench, keys))


def test_photos_that_are_closed_while_they_wait_or_run_are_dropped(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(3), qtbot)
    restoring(bench, engine, keys, qtbot)
    bench.library.remove(keys[:2])
    engine.held = False
    qtbot.waitUntil(lambda: done(bench, [keys[2]]))
    assert bench.current is not None
    assert bench.current.key == keys[2]


def test_the_photo_in_front_goes_before_the_queue(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(4), qtbot)
    restoring(bench, engine, keys[:2], qtbot)
    bench.show(keys[3])
    engine.held = False
    with qtbot.waitSignal(bench.engine.faces_found) as told:
        pass
    assert told.args == [keys[3]]
    assert not done(bench, [keys[1]])
    qtbot.waitUntil(lambda: done(bench, keys[:2]))


def test_faces_of_an_old_geometry_are_dropped(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(), qtbot)
    bench.set_geometry(keys[0], Geometry(quarter_turns=1))
    bench.set_geometry(keys[0], Geometry(quarter_turns=2))
    qtbot.waitUntil(lambda: bench.current is not None and bench.current.decisions.faces is not None)
    assert bench.current is not None
    assert bench.current.decisions.geometry.quarter_turns == 2
    bench.current.stack.undo()
    bench.current.stack.undo()
    assert bench.current.decisions.faces is not None, "faces of the first geometry are remembered"


def test_a_face_that_was_missed_is_found_in_a_box(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    opened(bench, make_photos(), qtbot)
    engine.faces = []
    with qtbot.waitSignal(bench.said) as told:
        bench.draw_face((150, 60, 190, 110))
    assert "Click on both eyes" in told.args[1]
    with qtbot.waitSignal(bench.library.decisions_changed):
        bench.place_face((160, 70), (175, 70), (167, 85))
    assert bench.current is not None
    assert [face.drawn for face in bench.current.decisions.faces or ()] == [False, False, True]


def test_another_model_is_tried_without_changing_anything(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    before = bench.library.entry(key).decisions
    assert before.faces is not None
    with qtbot.waitSignal(bench.engine.tried) as told:
        bench.engine.try_model(key, before.with_face(0, model="other").faces[0])  # type: ignore[index]
    assert told.args[2].restored is not None
    assert ("other", "lanczos") in engine.opened
    assert bench.library.entry(key).decisions is before


def test_closing_does_not_wait_for_the_queue(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(3), qtbot)
    bench.restore(keys)
    bench.close()
    assert PhotoState.DONE not in states(bench)[1:]


def test_warm_models_stay_few(bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    faces = bench.library.entry(key).decisions.faces or ()
    for model in ("a", "b", "a", "c"):
        with qtbot.waitSignal(bench.engine.tried):
            bench.engine.try_model(key, bench.library.entry(key).decisions.with_face(0, model=model).faces[0])  # type: ignore[index]
    assert faces
    assert [model for model, _ in engine.opened] == ["bundled-restorer", "a", "b", "c"]


# The picture.


def test_the_picture_follows_the_decisions(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(), qtbot)
    shown = []
    bench.shown.connect(shown.append)
    bench.restore(keys)
    qtbot.waitUntil(lambda: any(each.after is not None for each in shown))
    after, before = shown[-1].after, shown[-1].before
    assert (after != before).any()
    with qtbot.waitSignal(bench.redrawn) as told:
        bench.set_blend(BlendOptions(0.0))
    assert len(told.args[0]) == 2
    np.testing.assert_array_equal(after, before)
    with qtbot.waitSignal(bench.redrawn):
        bench.set_blend(BlendOptions(1.0))
    from core.strokes import Stroke

    with qtbot.waitSignal(bench.redrawn) as told:
        bench.add_stroke(Stroke(((60, 50),), 30.0, softness=0.0))
    assert len(told.args[0]) == 1
    np.testing.assert_array_equal(after[50, 60], before[50, 60])
    assert (after[60, 140] != before[60, 140]).any()


def test_of_many_pictures_asked_for_the_last_one_is_shown(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    bench.open(make_photos(6))
    keys = [entry.key for entry in bench.library.entries]
    shown: list[int] = []
    bench.shown.connect(lambda each: shown.append(each.key))
    for key in keys:
        bench.show(key)
    qtbot.waitUntil(lambda: shown[-1:] == [keys[-1]])
    assert set(shown) <= {keys[0], keys[-1]}


# The pace.


def test_the_time_left_follows_the_last_photos() -> None:
    pace = Pace()
    pace.begin(4)
    assert pace.seconds_left(3, 0.0) is None
    pace.photo_done(10.0)
    assert pace.seconds_left(2, 0.5) == pytest.approx(25.0)
    for _ in range(10):
        pace.photo_done(2.0)
    assert pace.seconds_left(0, 0.0) == pytest.approx(2.0)
    pace.begin(2)
    assert (pace.done, pace.total) == (0, 2)


# Likeness.


class Equal:
    """An embedding network for which all pictures are the same."""

    target, size = Target("pytorch", "cpu"), 512

    def run(self, images: np.ndarray) -> np.ndarray:
        return np.ones((len(images), 4), np.float32)


def test_crops_are_measured_once_there_is_a_network_and_keep_it(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine, own_models_folder: Path
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    entry = bench.library.entry(key)

    def likeness() -> list[Likeness | None]:
        crops = [Shelf(bench.shelf._folder).crop(entry.path, k) for k in map(entry.decisions.key, faces)]
        return [crop.likeness for crop in crops if crop is not None]

    with qtbot.waitSignal(bench.engine.restored):
        bench.restore([key])
    faces = entry.decisions.included
    assert likeness() == [None, None]
    own_models_folder.mkdir()
    (own_models_folder / "MobileFaceNet.onnx").touch()
    engine.meter = IdentityMeter(Equal(), "equal")  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: not bench.engine.busy)
    bench.engine.forget_models()
    with qtbot.waitSignal(bench.engine.restored) as told:
        bench.restore([key])
    assert engine.restored == 2
    assert [crop.likeness for crop in told.args[1].crops] == [Likeness(0.0, "equal")] * 2
    assert likeness() == [Likeness(0.0, "equal")] * 2
