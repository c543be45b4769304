"""The small pictures of the strip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.document.library import PhotoState
from app.strip.thumbnails import Thumbnails
from app.workbench import Workbench


def test_a_photo_that_was_away_has_its_thumbnail_once_it_could_be_read(
    bench: Workbench, make_photos: Callable[..., list[Path]], qtbot: QtBot, tmp_path: Path
) -> None:
    (path,) = make_photos()
    away = path.rename(tmp_path / "away")
    thumbnails = Thumbnails(bench.library)
    (key,) = bench.library.add([path])
    entry = bench.library.entry(key)
    qtbot.waitUntil(lambda: entry.state is PhotoState.FAILED)
    away.rename(path)
    bench.restore([key])
    qtbot.waitUntil(lambda: entry.thumbnail is not None)
    qtbot.waitUntil(lambda: entry.state is PhotoState.DONE)
    thumbnails.close()
