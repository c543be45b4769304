"""Work off the GUI thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QObject, QRunnable, Signal
from pytestqt.qtbot import QtBot

from app.threads import WorkThread


class Teller(QObject):
    told = Signal(object)


def runnables() -> list[object]:
    return [each for each in shiboken6.getAllValidWrappers() if isinstance(each, QRunnable)]


def test_one_piece_after_the_other_in_another_thread(qtbot: QtBot) -> None:
    thread, teller, told = WorkThread(), Teller(), []
    teller.told.connect(told.append)
    may_end = threading.Event()
    thread.run(may_end.wait)
    for _ in range(3):
        thread.run(lambda: teller.told.emit(threading.get_ident()))
    assert not told
    may_end.set()
    qtbot.waitUntil(lambda: len(told) == 3)
    assert len(set(told)) == 1
    assert threading.get_ident() not in told


def test_nothing_of_what_is_done_is_left_for_qt_to_mistake_another_object_for(qtbot: QtBot) -> None:
    thread = WorkThread()
    for _ in range(20):
        thread.run(lambda: None)
    assert thread.waitForDone()
    assert runnables() == []


def test_what_is_asked_for_once_it_is_closed_is_not_begun(qtbot: QtBot) -> None:
    thread, done = WorkThread(), []
    thread.run(lambda: done.append("before"))
    thread.close()
    thread.run(lambda: done.append("after"))
    assert thread.waitForDone()
    assert done == ["before"]


def test_what_fails_is_logged_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    thread, done = WorkThread(), []
    thread.run(lambda: Path("nowhere").read_text())
    thread.run(lambda: done.append(True))
    assert thread.waitForDone()
    assert done == [True]
    assert "FileNotFoundError" in caplog.text
    caplog.clear()
