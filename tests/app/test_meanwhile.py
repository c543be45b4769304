"""What changes while something is under way or was done: decisions, files, models, and which photos there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document.decisions import Decisions
from app.document.library import PhotoState
from app.engine import workshop
from app.engine.pictures import Shown
from app.engine.shelf import Shelf, background_key
from app.export.exporter import Exporter
from app.export.plan import ExportOptions
from app.workbench import Workbench
from core.errors import ModelError
from core.geometry import Geometry
from core.photo import read_photo
from core.types import BlendOptions
from tests.app.conftest import FakeEngine
from tests.app.test_engine_controller import done, opened, restoring
from tests.conftest import face_at, smooth_photo

Make = Callable[..., list[Path]]


@pytest.fixture
def exporter(bench: Workbench) -> Iterator[Exporter]:
    made = Exporter(bench)
    yield made
    made.close()


def written_anew(path: Path, pixels: np.ndarray, compression: int = 1) -> None:
    """Another file takes the place of the photo at once, as programs save: it may be read at any moment."""
    other = path.with_name(f"new-{path.name}")
    cv2.imwrite(str(other), pixels, [cv2.IMWRITE_PNG_COMPRESSION, compression])
    other.replace(path)


# Decisions.


def test_a_model_chosen_during_a_restoration_comes_after_it(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    restoring(bench, engine, [key], qtbot)
    bench.restore([key])
    assert bench.engine.waiting == ()
    bench.set_model("other")
    bench.restore([key])
    assert bench.engine.waiting == (key,)
    with qtbot.waitSignal(exporter.finished) as ended:
        exporter.export([key], ExportOptions(tmp_path / "out"))
        engine.held = False
    assert ended.args is not None
    ((file,), sentences) = ended.args
    assert sentences == []
    assert not bench.lacks(key)
    assert [model for model, _ in engine.opened][-1] == "other"
    assert not np.array_equal(read_photo(file).rgb, read_photo(bench.library.entry(key).path).rgb)


def test_one_that_is_to_come_again_can_be_cancelled(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    restoring(bench, engine, [key], qtbot)
    bench.set_model("other")
    bench.restore([key])
    bench.engine.cancel([key])
    engine.held = False
    qtbot.waitUntil(lambda: bench.library.entry(key).state is PhotoState.FOUND)
    assert not bench.engine.busy


def test_what_is_decided_while_faces_are_found_and_restored_stays(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    _, two = opened(bench, make_photos(2), qtbot)
    restoring(bench, engine, [two], qtbot)
    bench.show(two)
    bench.set_size(2, "lanczos")
    bench.set_blend(BlendOptions(0.25))
    engine.held = False
    qtbot.waitUntil(lambda: done(bench, [two]))
    decisions = bench.library.entry(two).decisions
    assert (decisions.upscale, decisions.blend.strength) == (2, 0.25)
    assert len(decisions.faces or ()) == 2


def test_a_size_set_during_a_restoration_is_made_after_it(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    restoring(bench, engine, [key], qtbot)
    bench.set_size(2, "auto")
    engine.held = False
    qtbot.waitUntil(lambda: done(bench, [key]) and not bench.engine.busy)
    assert not bench.lacks(key)


def test_a_turn_taken_back_before_its_faces_were_found_leaves_the_photo_restored(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    one, two = opened(bench, make_photos(2), qtbot)
    bench.restore([one])
    qtbot.waitUntil(lambda: done(bench, [one]))
    restoring(bench, engine, [two], qtbot)
    bench.turn(1)
    assert bench.library.entry(one).state is PhotoState.LOOKING
    bench.undo.undo()
    engine.held = False
    qtbot.waitUntil(lambda: done(bench, [one, two]))


def test_a_box_drawn_before_the_photo_was_turned_is_dropped(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    bench.draw_face((30, 20, 90, 80))
    bench.set_geometry(key, Geometry(quarter_turns=1))
    with qtbot.waitSignal(bench.engine.faces_found):
        pass
    assert not any(face.drawn for face in bench.library.entry(key).decisions.faces or ())


def test_cancelling_the_queue_leaves_the_search_for_faces(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    one, two = opened(bench, make_photos(2), qtbot)
    restoring(bench, engine, [one], qtbot)
    bench.show(two)
    assert bench.library.entry(two).state is PhotoState.LOOKING
    bench.engine.cancel()
    engine.held = False
    qtbot.waitUntil(lambda: bench.library.entry(two).state is PhotoState.FOUND)


def test_a_slide_is_one_step_to_undo_and_the_next_one_another(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    stack = bench.library.entry(key).stack
    for last in (0.5, 0.25):
        for strength in (0.75, last):
            bench.set_blend(BlendOptions(strength), 0, live=True)
        bench.set_blend(BlendOptions(last), 0)
    assert stack.count() == 2
    bench.set_blend(BlendOptions(0.5))
    bench.set_blend(BlendOptions(0.5))
    assert stack.count() == 3
    stack.undo()
    stack.undo()
    (face, _) = bench.library.entry(key).decisions.faces or (None, None)
    assert face is not None
    assert face.blend == BlendOptions(0.5)


def test_a_turn_that_is_taken_back_leaves_the_photo_restored(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    keys = opened(bench, make_photos(), qtbot)
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, keys))
    with qtbot.waitSignal(bench.engine.faces_found):
        bench.set_geometry(keys[0], Geometry(quarter_turns=2))
    assert not done(bench, keys)
    bench.undo.undo()
    assert done(bench, keys)


def test_a_change_while_the_new_picture_is_made_is_drawn_into_it(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    keys = opened(bench, make_photos(), qtbot)
    shown: list[Shown] = []
    bench.shown.connect(shown.append)
    bench.restore(keys)
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].after is not None)
    pictures, entry = bench.pictures, bench.library.entry(keys[0])
    with qtbot.waitSignal(bench.redrawn):
        pictures.show(entry.key, entry.path, entry.decisions)
        bench.set_blend(replace(entry.decisions.blend, strength=0.0))
    assert shown[-1].after is not None
    np.testing.assert_array_equal(shown[-1].after, shown[-1].before)


# Photos.


def test_an_export_goes_on_without_a_photo_that_is_closed(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    one, two = opened(bench, make_photos(2), qtbot)
    engine.held = True
    with qtbot.waitSignal(exporter.finished) as ended:
        exporter.export([one, two], ExportOptions(tmp_path / "out"))
        bench.library.remove([two])
        engine.held = False
    assert ended.args is not None
    assert [path.name for path in ended.args[0]] == ["photo 0-restored.png"]
    assert not exporter.busy


def test_faces_that_failed_are_told_of(
    bench: Workbench,
    exporter: Exporter,
    make_photos: Make,
    qtbot: QtBot,
    engine: FakeEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    with monkeypatch.context() as patch, qtbot.waitSignal(exporter.finished) as ended:
        patch.setattr(engine, "restore", lambda crops: [replace(crop, failure="not finite") for crop in crops])
        exporter.export([key], ExportOptions(tmp_path / "out"))
    assert ended.args is not None
    (_, sentences) = ended.args
    assert sentences == ["'photo 0.png' was exported with some of its faces as they were (number 1, 2)."]
    # It is not offered again and again; who asks for it gets another try.
    assert done(bench, [key])
    with qtbot.waitSignal(bench.engine.restored):
        bench.restore([key])
    qtbot.waitUntil(lambda: bench.pictures._current is not None and bench.pictures._current.canvas is not None)
    with qtbot.waitSignal(exporter.finished) as ended:
        exporter.export([key], ExportOptions(tmp_path / "out"))
    assert ended.args is not None
    assert ended.args[1] == []


def test_what_is_only_tried_changes_nothing(
    bench: Workbench,
    make_photos: Make,
    qtbot: QtBot,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (key,) = opened(bench, make_photos(), qtbot)
    bench.restore([key])
    qtbot.waitUntil(lambda: done(bench, [key]))
    entry = bench.library.entry(key)
    (face, _) = entry.decisions.faces or (None, None)
    assert face is not None
    before = bench.shelf.crop(entry.path, entry.decisions.key(face))
    monkeypatch.setattr(workshop, "_version", lambda model: "a better one, installed since")
    with qtbot.waitSignal(bench.engine.tried):
        bench.engine.try_model(key, face)
    assert bench.shelf.crop(entry.path, entry.decisions.key(face)) is before


def test_faces_are_found_though_the_model_is_gone(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = engine.open

    def refuse(model: str | None, background: str) -> object:
        if model == "gone":
            raise ModelError("There is no restorer called 'gone'.")
        return usual(model, background)

    made = workshop.Workshop(refuse, bench.photos, bench.shelf)  # type: ignore[arg-type]
    monkeypatch.setattr(bench.engine._worker, "_make_workshop", lambda: made)
    (key,) = bench.library.add(make_photos(), Decisions(model="gone"))
    bench.show(key)
    qtbot.waitUntil(lambda: bench.library.entry(key).state is PhotoState.FOUND)
    bench.restore([key])
    qtbot.waitUntil(lambda: bench.library.entry(key).state is PhotoState.FAILED)
    bench.set_model(None)
    bench.restore([key])
    qtbot.waitUntil(lambda: done(bench, [key]))


def test_faces_are_looked_for_again_in_a_file_that_changed(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    (path,) = make_photos()
    (key,) = keys = opened(bench, [path], qtbot)
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, keys))
    # The same pixels with other metadata: what was decided stays.
    bench.toggle_face(0)
    written_anew(path, smooth_photo(200, 120), 9)
    with qtbot.waitSignal(bench.engine.restored):
        bench.restore(keys)
    assert [face.included for face in bench.library.entry(key).decisions.faces or ()] == [False, True]
    # Another picture.
    engine.faces = [face_at(300, 70, 60)]
    said: list[str] = []
    bench.said.connect(lambda _, sentence: said.append(sentence))
    written_anew(path, smooth_photo(400, 140))
    assert bench.lacks(key)
    with qtbot.waitSignal(bench.engine.restored):
        bench.restore(keys)
    (face,) = bench.library.entry(key).decisions.faces or ()
    np.testing.assert_array_equal(face.face.landmarks, engine.faces[0].landmarks)
    assert not bench.lacks(key)
    assert "the file has changed since its faces were found" in said[0]


def test_a_photo_out_of_reach_stays_restored(bench: Workbench, make_photos: Make, qtbot: QtBot) -> None:
    (path,) = make_photos()
    keys = opened(bench, [path], qtbot)
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, keys))
    path.rename(path.with_suffix(".away"))
    with qtbot.waitSignal(bench.said):
        bench.set_blend(BlendOptions(0.5))
    assert done(bench, keys)
    with qtbot.waitSignal(bench.said):
        bench.set_geometry(keys[0], Geometry(quarter_turns=1))
    path.with_suffix(".away").rename(path)
    bench.undo.undo()
    assert done(bench, keys)


def test_photos_that_were_closed_come_back_to_their_places(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    keys = opened(bench, make_photos(3), qtbot)
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, keys))
    bench.set_blend(BlendOptions(0.25))
    take_back = bench.remove(keys[:2])
    assert [entry.name for entry in bench.library.entries] == ["photo 2.png"]
    take_back_last = bench.remove(keys[2:])
    assert bench.current is None
    take_back_last()
    assert bench.current is not None
    take_back()
    entries = bench.library.entries
    assert [entry.name for entry in entries] == ["photo 0.png", "photo 1.png", "photo 2.png"]
    assert entries[0].decisions.blend.strength == 0.25
    assert done(bench, [entry.key for entry in entries])


def test_of_photos_opened_together_the_first_readable_one_is_shown(
    bench: Workbench, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    bad = [tmp_path / "a.png", tmp_path / "b.png"]
    for path in bad:
        path.write_bytes(b"no picture")
    with qtbot.waitSignal(bench.shown):
        bench.open([*bad, *make_photos(2)])
    assert bench.current is not None
    assert bench.current.name == "photo 0.png"
    bench.show(bench.library.entries[0].key)
    qtbot.wait(100)
    assert bench.current.name == "a.png"


def test_what_is_decided_and_not_made_is_not_called_restored(
    bench: Workbench, make_photos: Make, qtbot: QtBot
) -> None:
    (key,) = keys = opened(bench, make_photos(), qtbot)
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, keys))
    bench.place_face((30, 60), (50, 60), (40, 80))
    assert bench.library.entry(key).state is PhotoState.FOUND
    bench.undo.undo()
    assert done(bench, keys)


# Models.


def test_a_model_of_the_same_name_restores_anew(
    bench: Workbench,
    make_photos: Make,
    qtbot: QtBot,
    engine: FakeEngine,
    own_models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own_models_folder.mkdir()
    model = own_models_folder / "anna.safetensors"
    model.write_bytes(b"first")
    keys = opened(bench, make_photos(), qtbot)
    bench.set_model("anna")
    for count, content in ((2, b"first"), (4, b"second and longer")):
        model.write_bytes(content)
        for _ in range(2):
            with qtbot.waitSignal(bench.engine.restored):
                bench.restore(keys)
            assert engine.restored == count


def test_nothing_waits_for_a_background_that_cannot_be_made(
    bench: Workbench, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    assert workshop.best_model("upscaler") is None
    (key,) = keys = opened(bench, make_photos(), qtbot)
    bench.set_size(2, "auto")
    bench.restore(keys)
    qtbot.waitUntil(lambda: done(bench, keys))
    assert not bench.lacks(key)
    assert {background for _, background in engine.opened} == {"lanczos"}
    entry = bench.library.entry(key)
    background = background_key(entry.decisions)
    assert background is not None
    shelf = Shelf(next(entry.path.parent.glob("session/crops")))  # after a restart
    assert shelf.has_background(entry.path, background)
    assert shelf.background(entry.path, background) is None
    os.utime(entry.path, (0, 0))
    assert not shelf.has_background(entry.path, background)
