"""Reference cycles are collected where widgets may be destroyed."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.garbage import GarbageCollector
from app.workbench import Workbench


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[GarbageCollector]:
    made = GarbageCollector()
    made._timer.setInterval(5)
    yield made
    made.close()


class Cycle:
    """Something that only a collection frees; it tells which thread that was in."""

    def __init__(self, freed_in: list[str]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: freed_in.append(threading.current_thread().name))


def make_many(freed_in: list[str]) -> None:
    Cycle(freed_in)
    kept = [[] for _ in range(20_000)]
    del kept


def test_another_thread_that_makes_objects_collects_none(collector: GarbageCollector, qtbot: QtBot) -> None:
    freed_in: list[str] = []
    thread = threading.Thread(target=make_many, args=(freed_in,), name="engine")
    thread.start()
    thread.join()
    assert freed_in == []
    kept = [[] for _ in range(1000)]  # as many as make a collection due
    qtbot.waitUntil(lambda: freed_in == [threading.main_thread().name])
    del kept


def test_python_collects_again_afterwards(qtbot: QtBot) -> None:
    collector = GarbageCollector()
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()


def test_networks_are_forgotten_without_a_widget_being_destroyed_in_the_engines_thread(
    bench: Workbench, make_photos: Callable[..., list[Path]], collector: GarbageCollector, qtbot: QtBot
) -> None:
    bench.open(make_photos())
    qtbot.waitUntil(lambda: bool(bench.current and bench.current.decisions.faces))
    freed_in: list[str] = []
    label = QLabel()
    label.cycle = Cycle(freed_in)  # type: ignore[attr-defined]
    label.cycle.label = label  # type: ignore[attr-defined]
    del label
    with qtbot.waitSignal(bench.engine.models_forgotten):
        bench.engine.forget_models()
    assert freed_in == [threading.main_thread().name]
