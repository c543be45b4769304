"""Which part of a photo is seen: plain arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from app.viewer.compare import CompareMode, Divider, panes
from app.viewer.viewport import LARGEST_SCALE, Viewport

sides = st.floats(1, 50_000)
views = st.floats(50, 4000)
places = st.tuples(st.floats(0, 1), st.floats(0, 1))


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    """A viewport after some moves."""
    viewport = Viewport((draw(sides), draw(sides)), (draw(views), draw(views))).fitted()
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            viewport = viewport.moved(draw(st.floats(-9000, 9000)), draw(st.floats(-9000, 9000)))
        else:
            x, y = draw(places)
            at = (x * viewport.view[0], y * viewport.view[1])
            viewport = viewport.zoomed(draw(st.floats(0.001, 100)), at)
    return viewport


@given(viewports(), st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)))
def test_there_and_back(viewport: Viewport, point: tuple[float, float]) -> None:
    back = viewport.to_photo(viewport.to_view(point))
    assert back == pytest.approx(point, abs=1e-3)


@given(sides, sides, views, views)
def test_fitting_shows_all_of_it_and_enlarges_nothing(w: float, h: float, vw: float, vh: float) -> None:
    viewport = Viewport((w, h), (vw, vh)).fitted()
    left, top, width, height = viewport.photo_rect()
    assert viewport.scale <= 1
    assert left >= -1e-6
    assert top >= -1e-6
    assert left + width <= vw + 1e-6
    assert top + height <= vh + 1e-6


@given(viewports(), st.floats(0.01, 30), places)
def test_zooming_keeps_what_is_under_the_pointer(
    viewport: Viewport, scale: float, place: tuple[float, float]
) -> None:
    at = (place[0] * viewport.view[0], place[1] * viewport.view[1])
    point = viewport.to_photo(at)
    inside = all(-0.5 <= point[axis] <= viewport.photo[axis] - 0.5 for axis in (0, 1))
    zoomed = viewport.zoomed(scale, at)
    assume(inside)
    # Where the photo fills the view it stays exactly; else the photo is centred.
    if all(zoomed.photo[axis] * zoomed.scale > zoomed.view[axis] for axis in (0, 1)):
        unclamped = zoomed.to_view(point)
        low, high = zoomed.to_view((-0.5, -0.5)), zoomed.to_view((zoomed.photo[0] - 0.5, zoomed.photo[1] - 0.5))
        at_edge = any(abs(low[axis]) < 1e-6 or abs(high[axis] - zoomed.view[axis]) < 1e-6 for axis in (0, 1))
        assert at_edge or unclamped == pytest.approx(at, abs=1e-3)


@given(viewports())
def test_there_is_never_more_empty_space_than_needed(viewport: Viewport) -> None:
    left, top, width, height = viewport.photo_rect()
    for start, length, view in ((left, width, viewport.view[0]), (top, height, viewport.view[1])):
        if length > view:
            assert start <= 1e-3
            assert start + length >= view - 1e-3
        else:
            assert start == pytest.approx((view - length) / 2, abs=1e-3)
    assert 0 < viewport.scale <= LARGEST_SCALE


@given(viewports(), sides, sides)
def test_another_photo_is_fitted_unless_the_view_is_kept(viewport: Viewport, w: float, h: float) -> None:
    other = viewport.of_photo((w, h))
    assert other == other.fitted()
    kept = viewport.of_photo((w, h), keep=True)
    assert kept.scale == viewport.scale or viewport.fits


def test_at_100_percent_a_pixel_is_a_pixel() -> None:
    viewport = Viewport((4000, 3000), (800, 600)).zoomed(1.0)
    x0, y0 = viewport.to_view((0, 0))
    x1, y1 = viewport.to_view((1, 1))
    assert (x1 - x0, y1 - y0) == (1, 1)


# Panes and divider.

VIEW = QRectF(0, 0, 400, 300)


@pytest.mark.parametrize("mode", CompareMode)
@pytest.mark.parametrize("level", [False, True])
def test_panes_do_not_overlap_and_leave_nothing_out(mode: CompareMode, level: bool) -> None:
    parts = panes(mode, VIEW, Divider(0.3, level))
    assert sum(pane.rect.width() * pane.rect.height() for pane in parts) == pytest.approx(400 * 300, rel=0.01)
    for one in parts:
        assert all(one is other or one.rect.intersected(other.rect).isEmpty() for other in parts)


@given(st.floats(-100, 500), st.booleans())
def test_the_divider_stays_in_the_view(at: float, level: bool) -> None:
    divider = Divider(level=level).moved_to(QPointF(at, at), VIEW)
    assert 0 <= divider.share <= 1
    if 0 <= at <= 300:
        assert divider.is_at(QPointF(at, at), VIEW)


def test_the_divider_is_taken_hold_of_anywhere_along_its_line() -> None:
    assert all(Divider(0.5).is_at(QPointF(204, y), VIEW) for y in range(0, 301, 50))
    assert not Divider(0.5).is_at(QPointF(215, 100), VIEW)
