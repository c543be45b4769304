"""Work off the GUI thread, one piece after the other."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from app.settings.background_work import BackgroundWork
from core.progress import CancelToken


def held(cancel: CancelToken, _: Callable[[object], None]) -> None:
    cancel.wait(3600)


def test_what_waits_is_done_in_turn_and_nothing_twice(qtbot: QtBot) -> None:
    work, done = BackgroundWork(), []
    work.returned.connect(done.append)
    work.start(held, "held")
    for name in ("one", "two", "one", "three"):
        work.start(lambda *_, name=name: name, name)
    assert work.runs("held")
    assert work.has("one")
    with qtbot.waitSignal(work.cancelled):
        work.cancel("two")
    assert not work.has("two")
    assert work.runs("held")
    with qtbot.waitSignal(work.cancelled):
        work.cancel("held")
    qtbot.waitUntil(lambda: not work.busy)
    assert done == ["one", "three"]


def test_nothing_is_begun_any_more_once_it_is_cancelled_or_closed(qtbot: QtBot) -> None:
    work, done = BackgroundWork(), []
    for end in (work.cancel, work.close):
        work.start(held)
        work.start(lambda *_: done.append("begun"))
        end()
        qtbot.waitUntil(lambda: not work.busy)
    assert done == []
