"""The brush: what is seen while a stroke is drawn is what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.viewer.compare import CompareMode
from app.viewer.marks import FaceMark
from app.viewer.photo_view import PhotoView
from app.viewer.tools import Tool
from app.workbench import Workbench
from core.strokes import Stroke, coverage
from core.types import Pixels
from tests.app.conftest import FakeEngine
from tests.conftest import face_at

Make = Callable[..., list[Path]]
LEFT = Qt.MouseButton.LeftButton


class Painting:
    """A view on the workbench, without the rest of a window, and a restored photo in it."""

    def __init__(self, bench: Workbench, path: Path, qtbot: QtBot) -> None:
        self.bench, self.qtbot, self.view = bench, qtbot, PhotoView()
        qtbot.addWidget(self.view)
        self.view.resize(400, 300)
        self.view.set_mode(CompareMode.AFTER)
        self.view.show()
        self.after: Pixels | None = None
        bench.shown.connect(self._show)
        bench.redrawn.connect(self.view.refresh)
        self.view.stroke_grown.connect(bench.sketch_stroke)
        self.view.stroke_dropped.connect(bench.drop_stroke)
        self.view.stroke_drawn.connect(bench.add_stroke)
        bench.open([path])
        qtbot.waitUntil(lambda: bool(bench.current and bench.current.decisions.faces))
        bench.restore([bench.library.entries[0].key])
        qtbot.waitUntil(lambda: self.after is not None)
        qtbot.waitUntil(lambda: self.idle)

    @property
    def idle(self) -> bool:
        return self.bench.pictures._running is None

    def _show(self, shown: object) -> None:
        self.after, self.before = shown.after, shown.before  # type: ignore[attr-defined]
        self.view.set_pictures(self.before, self.after, keep_view=True)

    def at(self, x: float, y: float) -> QPoint:
        viewport = self.view._scene.viewports[0]
        left, top = viewport.to_view((x, y))
        return QPoint(int(left), int(top))

    def settled(self) -> np.ndarray:
        """The photo once all is drawn."""
        self.qtbot.waitUntil(lambda: self.idle)
        assert self.after is not None
        return self.after.copy()

    def seen(self, x: float, y: float) -> tuple[int, ...]:
        color = self.view.grab().toImage().pixelColor(self.at(x, y))
        return color.red(), color.green(), color.blue()


@pytest.fixture
def painting(bench: Workbench, make_photos: Make, qtbot: QtBot) -> Painting:
    made = Painting(bench, make_photos()[0], qtbot)
    made.view.set_tool(Tool.ERASE)
    made.view.set_brush(14.0, 0.6)
    return made


def test_a_stroke_is_seen_soft_edged_while_it_is_drawn(painting: Painting, engine: FakeEngine) -> None:
    qtbot, view, restored = painting.qtbot, painting.view, engine.restored
    whole = painting.settled()
    qtbot.mousePress(view, LEFT, pos=painting.at(50, 50))
    for x in (56, 62, 70):
        qtbot.mouseMove(view, painting.at(x, 50))
    qtbot.waitUntil(lambda: painting.idle and painting.after is not None and (painting.after != whole).any())
    drawing = painting.settled()
    np.testing.assert_array_equal(drawing[50, 60], painting.before[50, 60])
    assert painting.seen(60, 50) == tuple(painting.before[50, 60]), "on the screen, before the button is let go"
    column = np.abs(drawing[50:80, 60].astype(int) - painting.before[50:80, 60]).max(axis=1)
    full = np.abs(whole[50:80, 60].astype(int) - painting.before[50:80, 60]).max(axis=1)
    fading = (column > 0.1 * full) & (column < 0.9 * full)
    assert fading.sum() >= 6, "its edge is soft"
    with qtbot.waitSignal(view.stroke_drawn) as told:
        qtbot.mouseRelease(view, LEFT, pos=painting.at(70, 50))
    np.testing.assert_array_equal(painting.settled(), drawing, "letting go changes nothing")
    assert painting.bench.current is not None
    assert painting.bench.current.decisions.strokes == (told.args[0],)
    assert engine.restored == restored, "no network ran"


def test_the_brush_paints_back_what_was_erased(painting: Painting) -> None:
    qtbot, view = painting.qtbot, painting.view
    whole = painting.settled()
    painting.bench.add_stroke(Stroke(((60.0, 50.0),), 40.0))
    assert (painting.settled()[50, 60] != whole[50, 60]).any()
    view.set_tool(Tool.BRUSH)
    view.set_brush(6.0, 0.6)
    qtbot.mousePress(view, LEFT, pos=painting.at(60, 50))
    qtbot.waitUntil(
        lambda: painting.idle and painting.after is not None and (painting.after == whole)[50, 60].all()
    )
    qtbot.mouseRelease(view, LEFT, pos=painting.at(60, 50))
    back = painting.settled()
    np.testing.assert_array_equal(back[50, 60], whole[50, 60])
    assert (back[50, 75] != whole[50, 75]).any()


def test_a_stroke_that_is_given_up_leaves_nothing(painting: Painting) -> None:
    qtbot, view = painting.qtbot, painting.view
    whole = painting.settled()
    for give_up in (lambda: qtbot.keyClick(view, Qt.Key.Key_Escape), lambda: view.set_tool(Tool.ERASE)):
        qtbot.mousePress(view, LEFT, pos=painting.at(60, 50))
        qtbot.waitUntil(lambda: painting.idle and painting.after is not None and (painting.after != whole).any())
        give_up()
        np.testing.assert_array_equal(painting.settled(), whole)
        qtbot.mouseRelease(view, LEFT, pos=painting.at(60, 50))
    assert painting.bench.current is not None
    assert painting.bench.current.decisions.strokes == ()


def test_undo_in_the_middle_of_a_stroke_keeps_the_stroke(painting: Painting) -> None:
    qtbot, view, bench = painting.qtbot, painting.view, painting.bench
    whole = painting.settled()
    bench.add_stroke(Stroke(((140.0, 60.0),), 20.0))
    painting.settled()
    qtbot.mousePress(view, LEFT, pos=painting.at(50, 50))
    qtbot.mouseMove(view, painting.at(60, 50))
    bench.undo.undo()
    painting.settled()
    qtbot.mouseMove(view, painting.at(66, 50))
    with qtbot.waitSignal(view.stroke_drawn) as told:
        qtbot.mouseRelease(view, LEFT, pos=painting.at(66, 50))
    end = painting.settled()
    np.testing.assert_array_equal(end[60, 140], whole[60, 140])
    assert (end[50, 60] != whole[50, 60]).any()
    mask = coverage(told.args, (200, 120))
    assert mask is not None
    np.testing.assert_array_equal(end[mask == 255], whole[mask == 255])


# The brush itself.


@pytest.fixture
def view(qtbot: QtBot) -> PhotoView:
    made = PhotoView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.set_pictures(np.full((300, 400, 3), 128, np.uint8), None)
    made.set_tool(Tool.ERASE)
    return made


def test_brackets_change_the_brush_and_it_is_said(view: PhotoView, qtbot: QtBot) -> None:
    view.set_brush(20.0, 0.5)
    qtbot.keyClick(view, Qt.Key.Key_BracketRight)
    assert view.brush == (25.0, 0.5)
    qtbot.keyClick(view, Qt.Key.Key_BracketLeft)
    qtbot.keyClick(view, Qt.Key.Key_BracketLeft)
    assert view.brush == (16.0, 0.5)
    qtbot.keyClick(view, Qt.Key.Key_BraceRight, Qt.KeyboardModifier.ShiftModifier)
    assert view.brush == pytest.approx((16.0, 0.6))
    view.grab()
    assert "32 px" in view._scene.hint
    assert "60 %" in view._scene.hint
    view.set_tool(Tool.PAN)
    view.grab()
    assert view._scene.hint == ""


def test_the_brush_shows_its_size_and_where_it_fades(view: PhotoView, qtbot: QtBot) -> None:
    view.set_brush(40.0, 0.5)
    qtbot.mouseMove(view, QPoint(200, 120))
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)

    def ring(radius: int) -> int:
        return max(abs(image.pixelColor(200, 120 + radius + by).lightness() - 128) for by in (-1, 0, 1))

    assert ring(40) > 40
    assert min(ring(20), ring(60)) > 15
    assert max(ring(10), ring(30), ring(50), ring(70)) == 0
    view.set_brush(40.0, 0.0)
    hard = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    assert abs(hard.pixelColor(200, 120 + 60).lightness() - 128) == 0


def test_marks_are_not_in_the_way_of_a_stroke(view: PhotoView, qtbot: QtBot) -> None:
    def on_the_face() -> int:
        image = view.grab().toImage()
        return sum(image.pixelColor(x, y).value() != 128 for x in range(150, 250, 2) for y in range(100, 200, 2))

    view.set_faces([FaceMark(face_at(200, 150, 140), selected=True)])
    view.set_brush(2.0, 0.0)
    qtbot.mouseMove(view, QPoint(30, 30))
    view.set_tool(Tool.PAN)
    with_points = on_the_face()
    view.set_tool(Tool.ERASE)
    box = on_the_face()
    assert 0 < box < with_points
    qtbot.mousePress(view, LEFT, pos=QPoint(30, 30))
    assert on_the_face() == 0
    qtbot.mouseRelease(view, LEFT, pos=QPoint(30, 30))
    assert on_the_face() == box


def test_where_nothing_is_restored_yet_a_stroke_is_drawn_in_colour(view: PhotoView, qtbot: QtBot) -> None:
    qtbot.mousePress(view, LEFT, pos=QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(140, 100))
    assert view.grab().toImage().pixelColor(110, 100).red() > 140
    qtbot.mouseRelease(view, LEFT, pos=QPoint(140, 100))
    assert view.grab().toImage().pixelColor(110, 100).red() == 128
