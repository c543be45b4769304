"""The picture in halved sizes: what is drawn of it, from which thread, and while nothing is there yet."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.viewer.compare import CompareMode
from app.viewer.photo_view import PhotoView
from app.viewer.pyramid import Pyramid
from app.viewer.tile_maker import tile_maker
from app.viewer.tiles import TileKey, changed_in, extent_of, level_for, tile_image, tiles_in
from core.types import Region
from tests.conftest import smooth_photo


def samples_of(image: QImage) -> np.ndarray:
    """(H, W, 3) RGB."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def drawn(pyramid: Pyramid, width: int, height: int, place: QRectF | None = None) -> np.ndarray:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    whole = QRectF(0, 0, width, height)
    painter = QPainter(image)
    pyramid.paint(painter, place or whole, whole, 1.0)
    painter.end()
    return samples_of(image)


def finally_drawn(
    qtbot: QtBot, pyramid: Pyramid, width: int, height: int, place: QRectF | None = None
) -> np.ndarray:
    drawn(pyramid, width, height, place)
    qtbot.waitUntil(lambda: not pyramid.is_waiting)
    return drawn(pyramid, width, height, place)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_at_100_percent_every_pixel_is_the_photos(dtype: type, qtbot: QtBot) -> None:
    pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (900, 1200, 3), dtype=dtype)
    expected = pixels >> 8 if dtype == np.uint16 else pixels
    np.testing.assert_array_equal(finally_drawn(qtbot, Pyramid(pixels), 1200, 900), expected)


def test_reduced_tiles_meet_without_a_line(qtbot: QtBot) -> None:
    pixels = np.tile(np.linspace(0, 255, 3001, dtype=np.uint8)[None, :, None], (1101, 1, 3))
    row = finally_drawn(qtbot, Pyramid(pixels), 750, 275)[100, :, 0].astype(int)
    assert np.abs(np.diff(row)).max() <= 2
    np.testing.assert_allclose(row, np.linspace(0, 255, 750), atol=2)


def test_only_what_is_seen_becomes_tiles(qtbot: QtBot) -> None:
    pyramid = Pyramid(np.zeros((4000, 6000, 3), np.uint8))
    finally_drawn(qtbot, pyramid, 400, 300, QRectF(-3000, -2000, 6000, 4000))
    assert len(pyramid._tiles) <= 4


def test_levels_never_show_less_than_is_seen() -> None:
    for scale in (1.0, 0.6, 0.5, 0.26, 0.25, 0.1):
        level = level_for(scale, (8000, 6000))
        assert 2.0**-level >= scale
        assert level == 0 or 2.0 ** -(level + 1) < scale or level_for(scale, (8000, 6000)) == level
    assert level_for(4.0, (8000, 6000)) == 0


def test_tiles_cover_a_part() -> None:
    tiles = list(tiles_in(Region(500, 0, 1100, 600), 0, (2000, 1500)))
    assert {(tile.column, tile.row) for tile in tiles} == {(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)}


PHOTO = smooth_photo(1301, 1003)


@settings(max_examples=40, deadline=None)
@given(
    key=st.sampled_from(
        [key for level in range(4) for key in tiles_in(Region(0, 0, 1301, 1003), level, (1301, 1003))]
    ),
    box=st.tuples(st.integers(0, 1290), st.integers(0, 990), st.integers(1, 600), st.integers(1, 600)),
)
def test_a_tile_changed_in_part_is_the_tile_made_anew(key: TileKey, box: tuple[int, int, int, int]) -> None:
    pixels = PHOTO.copy()
    tile = tile_image(pixels, key)
    left, top, width, height = box
    region = Region(left, top, left + width, top + height).common(Region(0, 0, 1301, 1003))
    pixels[region.slices()] = 255 - pixels[region.slices()]
    part = changed_in(key, region, (1301, 1003))
    if not part.empty:
        painter = QPainter(tile)
        painter.drawImage(part.left, part.top, tile_image(pixels, key, part))
        painter.end()
    anew = tile_image(pixels, key)
    assert (anew.width(), anew.height()) == extent_of(key, (1301, 1003)).size
    np.testing.assert_array_equal(samples_of(tile), samples_of(anew))


# Off the GUI thread.


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Tells for each tile that is made whether that was in the GUI thread."""
    told: list[bool] = []

    def make(pixels: np.ndarray, key: TileKey, part: Region | None = None) -> QImage:
        told.append(threading.current_thread() is threading.main_thread())
        return tile_image(pixels, key, part)

    monkeypatch.setattr("app.viewer.pyramid.tile_image", make)
    monkeypatch.setattr("app.viewer.tile_maker.tile_image", make)
    return told


def test_the_first_look_at_a_large_photo_is_rough_and_then_exact(qtbot: QtBot, makers: list[bool]) -> None:
    pixels = smooth_photo(3000, 2000, seed=3)
    pyramid = Pyramid(pixels)
    first = drawn(pyramid, 750, 500)
    assert pyramid.is_waiting
    assert not any(makers), "no tile is made while painting"
    exact = finally_drawn(qtbot, pyramid, 750, 500)
    assert makers
    assert not any(makers)
    error = np.abs(first.astype(int) - exact)
    assert error.max() < 40
    assert error.mean() < 4, "rough, but the photo"
    np.testing.assert_allclose(exact.mean((0, 1)), pixels.mean((0, 1)), atol=0.7)


def test_a_coarser_level_is_shown_while_the_finer_one_is_made(qtbot: QtBot) -> None:
    pixels = smooth_photo(4000, 3000, seed=3)
    pyramid = Pyramid(pixels)
    finally_drawn(qtbot, pyramid, 1000, 750)
    pyramid._rough = QImage(8, 6, QImage.Format.Format_RGB32)
    pyramid._rough.fill(0)
    nearer = drawn(pyramid, 2000, 1500)
    assert pyramid.is_waiting
    exact = finally_drawn(qtbot, pyramid, 2000, 1500)
    assert np.abs(nearer.astype(int) - exact).max() <= 12, "no rough or empty place shines through"


def test_a_new_result_of_the_same_photo_never_flickers(qtbot: QtBot) -> None:
    view = PhotoView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.set_mode(CompareMode.AFTER)
    view.show()
    before = np.full((2000, 3000, 3), 50, np.uint8)

    def colors() -> set[int]:
        return set(np.unique(samples_of(view.grab().toImage())[100:300, 200:400]).tolist())

    view.set_pictures(before, np.full_like(before, 100))
    assert colors() == {100}
    qtbot.waitUntil(lambda: not view._scene.after.is_waiting)  # type: ignore[union-attr]
    view.set_pictures(before, np.full_like(before, 200), keep_view=True)
    assert colors() == {100}, "the old result stays until the new one is there"
    qtbot.waitUntil(lambda: colors() == {200})
    view.set_pictures(np.full_like(before, 10), None, keep_view=True)
    assert colors() == {10}, "but never that of another photo"


def test_what_is_redrawn_is_seen_at_once(qtbot: QtBot) -> None:
    view = PhotoView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.set_mode(CompareMode.AFTER)
    after = np.zeros((2000, 3000, 3), np.uint8)
    view.set_pictures(np.zeros_like(after), after)
    view.grab()
    qtbot.waitUntil(lambda: not view._scene.after.is_waiting)  # type: ignore[union-attr]
    after[900:1100, 1400:1600] = 200
    view.refresh([Region(1400, 900, 1600, 1100)])
    assert samples_of(view.grab().toImage())[200, 300].min() == 200


def test_a_tile_that_was_overtaken_by_a_change_is_made_again(qtbot: QtBot) -> None:
    pixels = np.zeros((2000, 3000, 3), np.uint8)
    pyramid = Pyramid(pixels)
    drawn(pyramid, 750, 500)  # asks for tiles
    late = [(piece, tile_image(pixels, piece.key)) for piece in pyramid._asked.values()]
    pixels[:] = 200
    pyramid.refresh(Region(0, 0, 3000, 2000))
    for piece, image in late:
        pyramid.take(piece, image)
    assert finally_drawn(qtbot, pyramid, 750, 500).min() == 200
    for piece, image in late:
        pyramid.take(piece, image)
    assert finally_drawn(qtbot, pyramid, 750, 500).min() == 200


def test_a_large_change_is_seen_soon_and_made_of_no_more_than_changed(qtbot: QtBot) -> None:
    pixels = np.zeros((4000, 6000, 3), np.uint8)
    pyramid = Pyramid(pixels)
    finally_drawn(qtbot, pyramid, 750, 500)
    pixels[1000:2600, 1000:3000] = 200
    pyramid.refresh(Region(1000, 1000, 3000, 2600))
    assert drawn(pyramid, 750, 500).max() == 0, "what was there stays while it is made"
    assert sum(piece.cost for piece in pyramid._asked.values()) < 1.1 * 1600 * 2000
    seen = finally_drawn(qtbot, pyramid, 750, 500)
    expected = pixels[::8, ::8]
    assert (np.abs(seen.astype(int) - expected) > 4).mean() < 0.01


def test_a_small_change_is_not_undone_by_a_tile_that_was_begun_before(qtbot: QtBot) -> None:
    pixels = np.zeros((2000, 3000, 3), np.uint8)
    pyramid = Pyramid(pixels)
    finally_drawn(qtbot, pyramid, 750, 500)
    pyramid.refresh(Region(0, 0, 3000, 2000))
    drawn(pyramid, 750, 500)  # asks for all of it
    late = [(piece, tile_image(pixels, piece.key, piece.part)) for piece in pyramid._asked.values()]
    qtbot.waitUntil(lambda: not pyramid.is_waiting)
    pixels[100:200, 100:200] = 200
    pyramid.refresh(Region(100, 100, 200, 200))
    assert drawn(pyramid, 750, 500)[37, 37].min() == 200, "in this very paint"
    for piece, image in late:
        pyramid.take(piece, image)
    assert drawn(pyramid, 750, 500)[37, 37].min() == 200


def test_nothing_is_made_for_a_picture_that_is_gone(qtbot: QtBot, makers: list[bool]) -> None:
    pyramid = Pyramid(np.zeros((2000, 3000, 3), np.uint8))
    drawn(pyramid, 750, 500)
    del pyramid
    kept = Pyramid(np.zeros((2000, 3000, 3), np.uint8))
    finally_drawn(qtbot, kept, 750, 500)
    qtbot.waitUntil(lambda: not tile_maker()._waiting)
    assert len(makers) <= len(kept._tiles) + 1, "one at most was under way"
