"""The session on disk: it is what it was, whatever ended the program."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document.decisions import Decisions
from app.document.journal import OFFERS, Journal, Saved, SavedPhoto
from app.document.library import PhotoLibrary, PhotoState
from core.geometry import Geometry
from core.strokes import Stroke
from core.types import BlendOptions, ColorMode
from tests.conftest import SAMPLES, face_at


@pytest.fixture
def library(qtbot: QtBot) -> PhotoLibrary:
    return PhotoLibrary()


def kept(library: PhotoLibrary, folder: Path) -> Journal:
    journal = Journal(library, folder)
    journal.start()
    return journal


def test_every_decision_comes_back(library: PhotoLibrary, tmp_path: Path, qtbot: QtBot) -> None:
    journal = kept(library, tmp_path)
    one, other, third = library.add([tmp_path / "a ä.jpg", tmp_path / "b.jpg", tmp_path / "c.jpg"])
    decisions = library.entry(one).decisions.with_faces([face_at(10, 10, 20), face_at(30.25, 30, 20, 11)])
    blend = BlendOptions(0.25, ColorMode.KEEP)
    decisions = decisions.with_face(1, included=False, model="gfpgan-v1.4", blend=blend)
    decisions = decisions.with_drawn(face_at(50, 50, 9))
    decisions = replace(decisions, geometry=Geometry(1, 2.5, (1.0, 2.0, 30.0, 40.0)), upscale=2)
    decisions = replace(decisions, strokes=(Stroke(((1.5, 2.0), (3.0, 4.0)), 5.5, False, 0.25),))
    library.set_decisions(one, decisions)
    library.set_state(one, PhotoState.DONE, progress=1.0)
    library.set_state(other, PhotoState.QUEUED)
    library.set_state(third, PhotoState.RESTORING, progress=0.5)
    library.move([third], 0)
    journal.set_current(other)
    journal.write()
    journal.close()
    again = PhotoLibrary()
    second = Journal(again, tmp_path)
    saved = second.read()
    assert saved is not None
    assert (saved.unfinished, saved.current) == (2, 2)
    waiting = second.restore(saved)
    assert [entry.name for entry in again.entries] == ["c.jpg", "a ä.jpg", "b.jpg"]
    assert waiting == [again.entries[0].key, again.entries[2].key]
    back = again.entries[1]
    assert back.state is PhotoState.DONE
    for mine, theirs in zip(decisions.faces or (), back.decisions.faces or (), strict=True):
        np.testing.assert_array_equal(mine.face.landmarks, theirs.face.landmarks)
        assert replace(mine, face=theirs.face).__dict__ == theirs.__dict__
        assert decisions.key(mine) == back.decisions.key(theirs)
    assert back.decisions.strokes == decisions.strokes
    second.close()


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes")
def test_names_in_no_encoding_come_back(library: PhotoLibrary, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"M\xfcller.jpg")
    journal = kept(library, tmp_path)
    library.add([path])
    journal.close()
    again = PhotoLibrary()
    second = Journal(again, tmp_path)
    saved = second.read()
    assert saved is not None
    second.restore(saved)
    assert [entry.path for entry in again.entries] == [path]
    second.close()


def test_photos_of_the_last_time_stay_beside_others_for_some_starts(library: PhotoLibrary, tmp_path: Path) -> None:
    journal = kept(library, tmp_path)
    library.add([tmp_path / "old.jpg"])
    journal.close()
    names = []
    for number in range(OFFERS + 1):
        other = PhotoLibrary()
        journal = Journal(other, tmp_path)
        saved = journal.read()
        assert saved is not None
        names.append([Path(photo.path).name for photo in saved.photos])
        journal.offer(saved)
        journal.start()
        other.add([tmp_path / f"{number}.jpg"])
        journal.close()
    assert names == [["old.jpg"], ["0.jpg", "old.jpg"], ["1.jpg", "0.jpg", "old.jpg"], ["2.jpg", "1.jpg", "0.jpg"]]
    last = PhotoLibrary()
    journal = Journal(last, tmp_path)
    saved = journal.read()
    assert saved is not None
    journal.offer(saved)
    journal.restore(saved)
    assert len(last.entries) == 3
    journal.write()
    journal.close()
    assert len(json.loads((tmp_path / "photos.json").read_text())["photos"]) == 3


def test_one_that_is_looked_at_is_still_to_be_restored(library: PhotoLibrary, tmp_path: Path) -> None:
    (key,) = library.add([tmp_path / "a.png"])
    library.set_state(key, PhotoState.LOOKING)
    saved = Saved((SavedPhoto(str(tmp_path / "a.png"), "queued", Decisions()),))
    assert Journal(library, tmp_path / "session").restore(saved) == [key]


def test_changes_are_written_by_themselves(library: PhotoLibrary, tmp_path: Path, qtbot: QtBot) -> None:
    journal = kept(library, tmp_path)
    library.add([tmp_path / "a.jpg"])
    qtbot.waitUntil(lambda: (tmp_path / "photos.json").exists())
    journal.close()


@pytest.mark.parametrize("damage", [b"", b"{", b"[1, 2]", b'{"photos": [{"path": 1}]}', b"\xff\xfe"])
def test_a_damaged_journal_is_kept_aside(library: PhotoLibrary, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "photos.json").write_bytes(damage)
    journal = Journal(library, tmp_path)
    assert journal.read() is None
    assert (tmp_path / "photos.damaged").read_bytes() == damage
    journal.close()


def test_two_windows_do_not_write_over_each_other(library: PhotoLibrary, tmp_path: Path) -> None:
    first = kept(library, tmp_path)
    library.add([tmp_path / "a.jpg"])
    first.write()
    other = PhotoLibrary()
    second = kept(other, tmp_path)
    assert not second.is_ours
    assert second.read() is None
    other.add([tmp_path / "b.jpg"])
    second.write()
    second.close()
    assert "a.jpg" in (tmp_path / "photos.json").read_text()
    first.close()


def test_a_full_disk_costs_the_journal_alone(
    library: PhotoLibrary, small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = kept(library, small_disk / "session")
    (small_disk / "filler").write_bytes(bytes((small_disk.stat().st_blksize or 4096) * 200))
    library.add([small_disk / ("x" * 200 + str(number)) for number in range(3000)])
    journal.write()
    assert len(library.entries) == 3000
    journal.close()


PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from app.document import journal
from app.document.library import PhotoLibrary
journal.DELAY = 1
app = QCoreApplication([])
library = PhotoLibrary()
kept = journal.Journal(library, Path(sys.argv[1]))
kept._timer.setInterval(1)
kept.start()
count = 0
def more():
    global count
    library.add([Path(f"/photos/{count}.jpg")])
    count += 1
    print(count, flush=True)
timer = QTimer()
timer.timeout.connect(more)
timer.start(2)
app.exec()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_at_any_moment_nothing_is_lost_or_half_written(tmp_path: Path) -> None:
    random_ = random.Random(5)
    for number in range(12):
        folder = tmp_path / str(number)
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder)],
            cwd=SAMPLES.parent.parent,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        assert child.stdout is not None
        wanted = random_.randrange(3, 40)
        told = 0
        while told < wanted:
            told = int(child.stdout.readline())
        threading.Event().wait(random_.random() * 0.02)
        child.send_signal(signal.SIGKILL)
        rest = child.communicate()[0].split()
        told = int(rest[-1]) if rest else told
        journal = Journal(PhotoLibrary(), folder)
        saved = journal.read()
        journal.close()
        # What was changed in the last moments may not be there; what is there is whole.
        names = [photo.path for photo in saved.photos] if saved else []
        assert names == [f"/photos/{place}.jpg" for place in range(len(names))]
        assert len(names) >= told - 30
        json.loads((folder / "photos.json").read_bytes()) if names else None


def test_what_a_killed_window_left_half_written_goes_with_the_next(library: PhotoLibrary, tmp_path: Path) -> None:
    first = kept(library, tmp_path)
    half = tmp_path / f".gfpgan-desktop-{'0' * 16}.part"
    half.write_bytes(b"half")
    Journal(PhotoLibrary(), tmp_path).close()  # of a second window, which has nothing to say here
    assert half.exists()
    first.close()
    Journal(PhotoLibrary(), tmp_path).close()
    assert not half.exists()
