"""Dragging photos in the strip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.document.library import PhotoLibrary, PhotoState
from app.strip.strip import PhotoStrip
from app.workbench import Workbench
from tests.app.conftest import FakeEngine
from tests.app.test_engine_controller import restoring

Make = Callable[..., list[Path]]


@pytest.fixture
def strip(bench: Workbench, make_photos: Make, qtbot: QtBot) -> Iterator[PhotoStrip]:
    # In a window: the strip shows itself when the engine tells something, and that may come after the test.
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 200)
    made = PhotoStrip(bench.library, bench.engine, window)
    made.resize(900, 200)
    window.show()
    bench.library.add(make_photos(4))
    qtbot.waitUntil(lambda: made.view.visualRect(bench.library.index(3)).isValid())
    yield made
    made.close_threads()


class FromItself(QDropEvent):
    """A drop of what was dragged from `source`: Qt has no way to say so."""

    def __init__(self, source: QObject, at: QPoint) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        self.data = QMimeData()
        super().__init__(QPointF(at), Qt.DropAction.CopyAction, self.data, left, none)
        self._source = source

    def source(self) -> QObject:
        return self._source


def names(library: PhotoLibrary) -> list[str]:
    return [entry.path.stem[-1] for entry in library.entries]


def select(strip: PhotoStrip, rows: list[int]) -> None:
    selection = strip.view.selectionModel()
    selection.clearSelection()
    for row in rows:
        selection.select(strip.view.model().index(row, 0), selection.SelectionFlag.Select)


def left_of(strip: PhotoStrip, row: int) -> QPoint:
    return strip.view.visualRect(strip.view.model().index(row, 0)).center() - QPoint(20, 0)


@pytest.mark.parametrize(
    ("rows", "before", "expected"),
    [([0], 2, "1023"), ([3], 0, "3012"), ([0, 2], 4, "1302"), ([1], 1, "0123"), ([1], 2, "0123")],
)
def test_photos_are_dropped_before_others(
    strip: PhotoStrip, bench: Workbench, rows: list[int], before: int, expected: str
) -> None:
    select(strip, rows)
    at = left_of(strip, before) if before < 4 else left_of(strip, 3) + QPoint(60, 0)
    strip.view.dropEvent(FromItself(strip.view, at))
    assert "".join(names(bench.library)) == expected


def test_the_queue_follows_the_strip(
    strip: PhotoStrip, bench: Workbench, engine: FakeEngine, qtbot: QtBot
) -> None:
    keys = [entry.key for entry in bench.library.entries]
    restoring(bench, engine, keys, qtbot)
    select(strip, [3])
    strip.view.dropEvent(FromItself(strip.view, left_of(strip, 1)))
    assert list(bench.engine.waiting) == [keys[3], keys[1], keys[2]]
    bench.engine.cancel()
    engine.held = False
    qtbot.waitUntil(lambda: not bench.library.keys_in(PhotoState.RESTORING))


def test_what_comes_from_elsewhere_is_the_windows(strip: PhotoStrip, bench: Workbench) -> None:
    select(strip, [0])
    event = FromItself(QObject(strip), left_of(strip, 3))
    event.ignore()
    strip.view.dropEvent(event)
    assert not event.isAccepted()
    assert names(bench.library) == list("0123")


def test_a_line_shows_where_they_would_lie(strip: PhotoStrip) -> None:
    without = strip.view.grab().toImage()
    strip.view._set_target(2)
    assert strip.view.grab().toImage() != without
    strip.view.dragLeaveEvent(QDragLeaveEvent())
    assert strip.view.grab().toImage() == without


def test_the_failed_can_be_tried_again(strip: PhotoStrip, bench: Workbench, qtbot: QtBot) -> None:
    key = bench.library.entries[1].key
    assert not strip.retry.isVisible()
    bench.library.set_state(key, PhotoState.FAILED, "no memory")
    assert strip.retry.text() == "Try the failed again (1)"
    strip.restore_asked.connect(bench.restore)
    qtbot.mouseClick(strip.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bench.library.entry(key).state is PhotoState.DONE)
