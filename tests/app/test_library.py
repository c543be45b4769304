"""The open photos: order, states, and what can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.document.decisions import Decisions, FaceDecision
from app.document.library import PhotoLibrary, PhotoState, Role
from core.geometry import Geometry
from core.strokes import Stroke
from core.types import BlendOptions
from tests.conftest import face_at

PATHS = [Path(f"/photos/{letter}.jpg") for letter in "abcd"]


@pytest.fixture
def library(qtbot: QtBot) -> PhotoLibrary:
    made = PhotoLibrary()
    made.tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return made


def names(library: PhotoLibrary) -> str:
    return "".join(entry.path.stem for entry in library.entries)


def test_photos_are_opened_once(library: PhotoLibrary, qtbot: QtBot) -> None:
    with qtbot.waitSignal(library.added) as told:
        keys = library.add(PATHS)
    assert told.args == [keys]
    again = library.add([PATHS[2], Path("/photos/e.jpg")])
    assert again[0] == keys[2]
    assert names(library) == "abcde"
    assert library.rowCount() == 5


@pytest.mark.parametrize(
    ("moved", "row", "expected"),
    [([0], 4, "bcda"), ([3], 0, "dabc"), ([0, 2], 4, "bdac"), ([1, 3], 1, "abdc"), ([2], 2, "abcd")],
)
def test_photos_can_be_put_in_another_order(
    library: PhotoLibrary, moved: list[int], row: int, expected: str
) -> None:
    keys = library.add(PATHS)
    library.move([keys[place] for place in moved], row)
    assert names(library) == expected


def test_closed_photos_are_gone(library: PhotoLibrary, qtbot: QtBot) -> None:
    keys = library.add(PATHS)
    with qtbot.waitSignal(library.removed) as told:
        library.remove([keys[1], keys[3], 999])
    assert told.args == [[keys[1], keys[3]]]
    assert names(library) == "ac"
    assert keys[1] not in library


def test_states_are_told(library: PhotoLibrary, qtbot: QtBot) -> None:
    (key,) = library.add(PATHS[:1])
    with qtbot.waitSignals([library.state_changed, library.dataChanged]):
        library.set_state(key, PhotoState.FAILED, "It is damaged.")
    index = library.index(0)
    assert PhotoState(index.data(Role.STATE)) is PhotoState.FAILED
    assert index.data(Role.REASON) == "It is damaged."
    with qtbot.assertNotEmitted(library.state_changed):
        library.set_state(key, PhotoState.FAILED, "It is damaged.")


def test_changes_are_undone_and_redone(library: PhotoLibrary) -> None:
    (key,) = library.add(PATHS[:1])
    entry = library.entry(key)
    before = entry.decisions
    for strength in (0.9, 0.8, 0.7):
        blend = BlendOptions(strength)
        library.change(key, entry.decisions.for_all(blend), "strength", merge="strength")
    library.change(key, replace(entry.decisions, upscale=2), "size")
    assert entry.stack.count() == 2, "the steps of one slider are one"
    entry.stack.undo()
    assert (entry.decisions.upscale, entry.decisions.blend.strength) == (1, 0.7)
    entry.stack.undo()
    assert entry.decisions is before
    entry.stack.redo()
    assert entry.decisions.blend.strength == 0.7


def test_another_merge_is_another_step(library: PhotoLibrary) -> None:
    (key,) = library.add(PATHS[:1])
    entry = library.entry(key)
    for merge in ("face 1", "face 2", None, None):
        library.change(key, replace(entry.decisions), "change", merge)
    assert entry.stack.count() == 4


# Decisions.


def two_faces() -> Decisions:
    return Decisions().with_faces([face_at(10, 10, 20), face_at(50, 50, 20)])


def test_drawn_faces_stay_when_others_are_found() -> None:
    decisions = Decisions().with_drawn(face_at(90, 90, 20)).with_faces([face_at(10, 10, 20)])
    assert [face.drawn for face in decisions.faces or ()] == [False, True]


def test_another_geometry_forgets_what_was_at_places_of_the_old_one() -> None:
    decisions = replace(two_faces(), strokes=(Stroke(((1, 1),), 3.0),), upscale=2)
    changed = decisions.with_geometry(Geometry(quarter_turns=1))
    assert (changed.faces, changed.strokes, changed.upscale) == (None, (), 2)
    assert decisions.with_geometry(Geometry()) is decisions


def test_faces_have_their_own_blend_or_the_photos() -> None:
    own, photos = BlendOptions(0.3), BlendOptions(0.8)
    decisions = replace(two_faces(), blend=photos).with_face(1, blend=own)
    assert decisions.blends() == {0: photos, 1: own}
    assert decisions.with_face(0, included=False).blends() == {0: own}
    assert decisions.for_all(own).blends() == {0: own, 1: own}


def test_a_crop_depends_on_landmarks_geometry_and_model() -> None:
    decisions = two_faces()
    one, other = decisions.faces or ()
    assert decisions.key(one) != decisions.key(other)
    assert decisions.key(one) == replace(decisions, blend=BlendOptions(0.1)).key(one)
    assert decisions.key(one) != decisions.with_model("other").key(one)
    assert decisions.key(one) != replace(decisions, geometry=Geometry(degrees=1)).key(one)
    assert decisions.key(FaceDecision(one.face, model="m"))[2] == "m"


def test_faces_are_removed_by_their_index() -> None:
    decisions = two_faces()
    assert decisions.without_face(0).faces == (decisions.faces or ())[1:]


def test_a_photo_is_told_in_words_with_its_state(library: PhotoLibrary) -> None:
    """For screen readers, and where the pointer rests on it."""
    (key,) = library.add(PATHS[:1])
    index = library.index(0)
    for state, words in ((PhotoState.NEW, "new"), (PhotoState.DONE, "restored"), (PhotoState.QUEUED, "waiting")):
        library.set_state(key, state)
        assert index.data(Qt.ItemDataRole.AccessibleTextRole) == f"a.jpg, {words}"
        assert index.data(Qt.ItemDataRole.ToolTipRole) == f"{PATHS[0]}\n{words}"
    library.set_state(key, PhotoState.FAILED, "'a.jpg' is damaged.")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "a.jpg, failed"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == f"{PATHS[0]}\n'a.jpg' is damaged."
    for state in PhotoState:
        library.set_state(key, state)
        assert index.data(Qt.ItemDataRole.AccessibleTextRole)
