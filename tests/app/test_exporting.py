"""Exporting: names, files, what goes wrong, and pictures to show around."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from app.document.library import PhotoState
from app.engine.shelf import Shelf
from app.export.dialog import ExportDialog
from app.export.dragging import MOST, Dragging
from app.export.exporter import Exporter
from app.export.plan import ExportOptions, file_stem
from app.export.progress import ExportProgress
from app.export.render import side_by_side, write_animation, write_side_by_side
from app.workbench import Workbench
from core.encoding import JPEG_SIDE, OutputFormat
from core.errors import UsageError
from core.outputs import OnExists
from core.photo import read_photo
from core.types import BlendOptions
from tests.app.conftest import FakeEngine
from tests.conftest import smooth_photo

Make = Callable[..., list[Path]]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{name}-restored", "a.b-restored"),
        ("{number} {name} {scale}x", "007 a.b 2x"),
        ("{date}_{name}", "2026-01-02_a.b"),
        ("a/b:c*{name}", "a_b_c_a.b"),
        (" {name}. ", "a.b"),
    ],
)
def test_names_follow_the_pattern(pattern: str, expected: str) -> None:
    assert file_stem(pattern, Path("/p/a.b.jpg"), 7, 2, date(2026, 1, 2)) == expected


@pytest.mark.parametrize("pattern", ["", "...", "{nome}", "{}"])
def test_patterns_that_name_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match=r"means nothing|is empty"):
        file_stem(pattern, Path("/p/a.jpg"), 1, 1)


@pytest.fixture
def exporter(bench: Workbench) -> Exporter:
    return Exporter(bench)


def exported(
    exporter: Exporter, bench: Workbench, qtbot: QtBot, options: ExportOptions
) -> tuple[list[Path], list[str]]:
    keys = [entry.key for entry in bench.library.entries]
    with qtbot.waitSignal(exporter.finished) as told:
        exporter.export(keys, options)
    return told.args


def open_photos(bench: Workbench, paths: list[Path], qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.engine.faces_found):
        bench.open(paths)


def test_what_is_not_restored_yet_is_restored_first(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path, engine: FakeEngine
) -> None:
    paths = make_photos(3)
    open_photos(bench, paths, qtbot)
    files, sentences = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out"))
    assert sentences == []
    assert [file.name for file in files] == [f"photo {number}-restored.png" for number in range(3)]
    for path, file in zip(paths, files, strict=True):
        before, after = read_photo(path).rgb, read_photo(file).rgb
        assert (after[40:60, 50:70] != before[40:60, 50:70]).any()
        np.testing.assert_array_equal(after[-5:], before[-5:])
    assert engine.restored == 6
    assert not exporter.busy


def test_the_file_is_what_is_on_the_screen(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(), qtbot)
    shown = []
    bench.shown.connect(shown.append)
    bench.restore([bench.library.entries[0].key])
    qtbot.waitUntil(lambda: any(each.after is not None for each in shown))
    with qtbot.waitSignal(bench.redrawn):
        bench.set_blend(BlendOptions(0.35), 1)
    with qtbot.waitSignal(bench.shown):
        bench.toggle_face(0)
    (file,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path))
    np.testing.assert_array_equal(read_photo(file).rgb, shown[-1].after)


def test_extras_lie_beside_the_result(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(), qtbot)
    options = ExportOptions(
        tmp_path / "out", format=OutputFormat.JPG, crops=True, before_after=True, animation=True
    )
    files, _ = exported(exporter, bench, qtbot, options)
    assert sorted(file.name for file in files) == [
        "photo 0-restored-before-after.jpg",
        "photo 0-restored-before-after.webp",
        "photo 0-restored-face1.png",
        "photo 0-restored-face2.png",
        "photo 0-restored.jpg",
    ]
    assert read_photo(tmp_path / "out" / "photo 0-restored-face1.png").size == (512, 512)
    with Image.open(tmp_path / "out" / "photo 0-restored-before-after.webp") as animation:
        assert getattr(animation, "n_frames", 1) > 8
    # Whoever is killed in between has no result that would be left out the next time.
    assert max(files, key=lambda file: file.stat().st_mtime_ns).name == "photo 0-restored.jpg"


def test_what_a_photo_tells_goes_along_if_that_is_wanted(
    bench: Workbench, exporter: Exporter, qtbot: QtBot, tmp_path: Path
) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Title", "Grandma, 1931")
    exif = Image.Exif()
    exif[0x010E] = "in the garden"
    Image.fromarray(smooth_photo(200, 120)).save(tmp_path / "a.png", pnginfo=told, exif=exif)
    open_photos(bench, [tmp_path / "a.png"], qtbot)
    for wanted in (False, True):
        (file,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path, metadata=wanted))
        assert (b"Grandma" in file.read_bytes()) is wanted
        assert (b"in the garden" in file.read_bytes()) is wanted


def test_the_models_licences_are_noted_if_that_is_wanted(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(), qtbot)
    for wanted in (False, True):
        (file,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path, terms=wanted))
        assert (b"non-commercial" in read_photo(file).metadata["xmp"]) is wanted


def test_files_in_the_way(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(), qtbot)
    (first,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path))
    (second,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path))
    assert second.name == "photo 0-restored-1.png"
    stamp = first.stat().st_mtime_ns
    none, (sentence,) = exported(exporter, bench, qtbot, ExportOptions(tmp_path, on_exists=OnExists.SKIP))
    assert none == []
    assert "was left out" in sentence
    assert first.stat().st_mtime_ns == stamp
    pattern = ExportOptions(tmp_path, "{name}", on_exists=OnExists.OVERWRITE)
    none, (sentence,) = exported(exporter, bench, qtbot, pattern)
    assert none == []
    assert "never overwritten" in sentence


def test_without_a_folder_results_lie_beside_their_photos(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    (path,) = make_photos()
    open_photos(bench, [path], qtbot)
    (file,), _ = exported(exporter, bench, qtbot, ExportOptions())
    assert file.parent == path.parent


def test_a_photo_that_cannot_be_restored_stops_no_other(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (good,) = make_photos()
    open_photos(bench, [good, tmp_path / "bad.png"], qtbot)
    files, sentences = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out"))
    assert [file.name for file in files] == ["photo 0-restored.png"]
    (sentence,) = sentences
    assert "bad.png' is not a picture" in sentence


def test_cancelling_leaves_what_is_written(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path, engine: FakeEngine
) -> None:
    open_photos(bench, make_photos(3), qtbot)
    engine.held = True
    with qtbot.waitSignal(exporter.finished) as told:
        exporter.export([entry.key for entry in bench.library.entries], ExportOptions(tmp_path / "out"))
        exporter.cancel()
    engine.held = False
    assert told.args[0] == []
    assert not exporter.busy


def test_however_many_photos_are_closed_that_it_waits_for_it_ends(
    bench: Workbench, exporter: Exporter, qtbot: QtBot, tmp_path: Path
) -> None:
    bench.engine.pause()
    keys = bench.library.add(tmp_path / f"{number}.png" for number in range(sys.getrecursionlimit()))
    exporter.export(keys, ExportOptions(tmp_path / "out"))
    with qtbot.waitSignal(exporter.finished) as told:
        bench.library.remove(keys)
    assert told.args == [[], []]
    assert not exporter.busy


def test_a_photo_that_is_closed_and_taken_back_is_not_exported_as_it_was(
    bench: Workbench, exporter: Exporter, make_photos: Make, engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(2), qtbot)
    done, waits = (entry.key for entry in bench.library.entries)
    bench.restore([done])
    qtbot.waitUntil(lambda: bench.library.entry(done).state is PhotoState.DONE)
    engine.held = True
    with qtbot.waitSignal(exporter.finished) as ended:
        exporter.export([done, waits], ExportOptions(folder=tmp_path / "out"))
        assert exporter.busy, "with the first one"
        bench.remove([waits])()
    assert ended.args is not None
    assert [path.name for path in ended.args[0]] == ["photo 0-restored.png"]


def test_nothing_of_it_is_left_once_it_is_closed(
    bench: Workbench, exporter: Exporter, make_photos: Make, engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(), qtbot)
    engine.held = True
    exporter.export([1], ExportOptions(folder=tmp_path / "out"))
    exporter.close()
    bench.library.set_state(1, PhotoState.FAILED, "Its disk is gone.")  # told of afterwards
    assert not exporter.waits
    assert exporter._sentences == []


def test_a_closed_folder_is_a_sentence(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    open_photos(bench, make_photos(), qtbot)
    files, (sentence,) = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "file" / "out"))
    assert files == []
    assert str(tmp_path / "file") in sentence


def test_fewer_bits(bench: Workbench, exporter: Exporter, qtbot: QtBot, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "deep.png"), smooth_photo(200, 120, dtype=np.uint16))
    open_photos(bench, [tmp_path / "deep.png"], qtbot)
    (deep,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out"))
    (flat,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out", bits=8))
    assert read_photo(deep).rgb.dtype == np.uint16
    np.testing.assert_array_equal(read_photo(flat).rgb, np.rint(read_photo(deep).rgb / 257))


def test_what_the_shelf_lost_is_restored_again(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path, engine: FakeEngine
) -> None:
    open_photos(bench, make_photos(), qtbot)
    (whole,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out"))
    (key,) = bench.library.keys_in(PhotoState.DONE)
    assert not bench.lacks(key)
    empty = Shelf(tmp_path / "empty")
    bench.shelf._folder, bench.shelf._crops = empty._folder, empty._crops
    assert bench.lacks(key)
    (again,), _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out"))
    assert engine.restored == 4
    np.testing.assert_array_equal(read_photo(again).rgb, read_photo(whole).rgb)


def test_progress_is_shown_and_can_be_stopped(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path, engine: FakeEngine
) -> None:
    progress = ExportProgress(exporter)
    qtbot.addWidget(progress)
    open_photos(bench, make_photos(3), qtbot)
    engine.held = True
    exporter.export([entry.key for entry in bench.library.entries], ExportOptions(tmp_path / "out"))
    assert progress.isVisible()
    assert progress.words.text() == "Exporting: 1 of 3"
    with qtbot.waitSignal(exporter.finished):
        qtbot.mouseClick(progress.cancel, Qt.MouseButton.LeftButton)
    engine.held = False
    assert not progress.isVisible()


# Dragging out.


@pytest.fixture
def dragging(bench: Workbench, tmp_path: Path) -> Iterator[Dragging]:
    made = Dragging(bench, tmp_path / "dragged")
    yield made
    made.close()


def test_restored_photos_are_dragged_as_files(
    bench: Workbench, exporter: Exporter, dragging: Dragging, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(2), qtbot)
    keys = [entry.key for entry in bench.library.entries]
    assert not dragging.data_of(keys, ExportOptions()).hasUrls()
    files, _ = exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out"))
    data = dragging.data_of(keys, ExportOptions())
    assert data.hasUrls()
    assert not (tmp_path / "dragged").exists(), "only put into another order so far"
    dropped = [Path(url.toLocalFile()) for url in data.urls()]
    assert [path.name for path in dropped] == ["photo 0-restored.png", "photo 1-restored.png"]
    for path, file in zip(dropped, files, strict=True):
        np.testing.assert_array_equal(read_photo(path).rgb, read_photo(file).rgb)
    # What a file manager is sent.
    assert bytes(data.data("text/uri-list").data()).decode().split() == [
        url.toEncoded().data().decode() for url in data.urls()
    ]
    assert len(list((tmp_path / "dragged").rglob("*.png"))) == 2, "written once"


@pytest.mark.parametrize("empties", [True, False])
def test_only_the_first_window_removes_what_was_dragged_before(
    bench: Workbench, qtbot: QtBot, tmp_path: Path, empties: bool
) -> None:
    folder = tmp_path / "dragged"
    folder.mkdir()
    dragging = Dragging(bench, folder, empties)
    if empties:
        qtbot.waitUntil(lambda: not folder.exists())
    dragging.close()
    assert folder.exists() is not empties


def test_too_many_photos_are_not_dragged_out(
    bench: Workbench, exporter: Exporter, dragging: Dragging, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(MOST + 1), qtbot)
    exported(exporter, bench, qtbot, ExportOptions(tmp_path / "out"))
    keys = [entry.key for entry in bench.library.entries]
    assert not dragging.data_of(keys, ExportOptions()).hasUrls()
    assert dragging.data_of(keys[1:], ExportOptions()).hasUrls()


# Pictures to show around.


def test_before_and_after_are_of_one_size() -> None:
    before, after = smooth_photo(100, 60), smooth_photo(200, 120, dtype=np.uint16)
    picture = side_by_side(before, after)
    assert picture.shape[0] == 120
    assert 400 < picture.shape[1] < 410
    np.testing.assert_allclose(picture[:, -200:], after / 257, atol=0.51)


def test_before_and_after_fit_into_a_jpeg(tmp_path: Path) -> None:
    wide = np.full((2, 40_000, 3), 200, np.uint8)
    write_side_by_side(tmp_path / "both.jpg", wide, wide)
    with Image.open(tmp_path / "both.jpg") as picture:
        assert picture.width == JPEG_SIDE


def test_the_animation_goes_there_and_back(tmp_path: Path) -> None:
    black, white = np.zeros((80, 120, 3), np.uint8), np.full((80, 120, 3), 255, np.uint8)
    write_animation(tmp_path / "a.webp", black, white)
    with Image.open(tmp_path / "a.webp") as animation:
        light = []
        for frame in range(getattr(animation, "n_frames", 1)):
            animation.seek(frame)
            light.append(float(np.asarray(animation.convert("L")).mean()))
    assert light[0] < 5
    assert max(light) > 250
    top = light.index(max(light))
    assert light[: top + 1] == sorted(light[: top + 1])
    assert light[top:] == sorted(light[top:], reverse=True)


# The dialog.


def test_the_dialog_shows_the_name_and_asks_once(
    bench: Workbench, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(2), qtbot)
    dialog = ExportDialog(bench.library.entries, ExportOptions(), None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.example.text() == "photo 0.png becomes photo 0-restored.png"
    dialog.pattern.setText("{number}-{name}")
    dialog.format.setCurrentIndex(dialog.format.findData(OutputFormat.JPG))
    assert dialog.example.text() == "photo 0.png becomes 001-photo 0.jpg"
    dialog.pattern.setText("{nome}")
    assert "means nothing" in dialog.example.text()
    assert not dialog.go.isEnabled()
    dialog.pattern.setText("{name}")
    dialog.into.setChecked(True)
    assert not dialog.go.isEnabled()
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.quality.setValue(88)
    with qtbot.waitSignal(dialog.wanted) as told:
        qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    keys, options = told.args
    assert keys == [entry.key for entry in bench.library.entries]
    assert (options.folder, options.quality, options.format) == (tmp_path / "out", 88, OutputFormat.JPG)
    assert dialog.findChild(QDialogButtonBox) is not None


def test_states_stay_what_they_are(
    bench: Workbench, exporter: Exporter, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    open_photos(bench, make_photos(2), qtbot)
    exported(exporter, bench, qtbot, ExportOptions(tmp_path))
    assert [entry.state for entry in bench.library.entries] == [PhotoState.DONE] * 2
