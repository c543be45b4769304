"""The whole window with a fake engine, and once with the bundled models."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QLibraryInfo, QMimeData, QPoint, QPointF, Qt, QUrl, QVersionNumber
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.actions import entries
from app.document.journal import Journal
from app.document.library import PhotoLibrary, PhotoState
from app.export.plan import ExportOptions
from app.main_window import MainWindow
from app.message_bar import DetailsDialog
from app.viewer.compare import CompareMode
from app.viewer.tools import Tool
from app.window.keys import KeysDialog
from core.geometry import Geometry
from core.models.catalogue import catalogue
from core.models.folders import models_folder
from core.photo import read_photo
from tests.app.conftest import FakeEngine
from tests.conftest import PATIENCE, SAMPLES

Make = Callable[..., list[Path]]


@pytest.fixture
def make_window(
    qtbot: QtBot, tmp_path: Path, engine: FakeEngine, own_models_folder: Path
) -> Iterator[Callable[[], MainWindow]]:
    made: list[MainWindow] = []

    def make(real: bool = False) -> MainWindow:
        window = MainWindow(tmp_path / "data", None if real else engine.open)
        qtbot.addWidget(window)
        window.show()
        window.begin([])
        made.append(window)
        return window

    yield make
    engine.held = False
    for window in made:
        window.close()


@pytest.fixture
def window(make_window: Callable[[], MainWindow]) -> MainWindow:
    return make_window()


def drop(window: QWidget, data: QMimeData) -> None:
    """What a desktop sends when something is dropped."""
    at, action, buttons = QPoint(100, 100), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    newer = QLibraryInfo.version() >= QVersionNumber(6, 12)
    entering = QDragEnterEvent(QPointF(at) if newer else at, action, data, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    dropping = QDropEvent(QPointF(at), action, data, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, dropping)


def urls(paths: list[Path]) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def loaded(window: MainWindow, paths: list[Path], qtbot: QtBot) -> None:
    """Until the photo in front is seen, and its faces are found."""
    window.incoming.open(paths)
    qtbot.waitUntil(lambda: bool(window.bench.current and window.bench.current.decisions.faces))
    qtbot.waitUntil(lambda: window.presenter.result is not None)


def is_done(window: MainWindow) -> bool:
    return window.bench.current is not None and window.bench.current.state is PhotoState.DONE


def shape_of(window: MainWindow) -> tuple[int, ...]:
    result = window.presenter.result
    return () if result is None else result.shape[:2]


# Opening.


def test_an_empty_window_says_what_to_do(window: MainWindow) -> None:
    assert window.stack.currentWidget() is window.empty
    assert not window.strip.isVisible()
    assert not window.tools.restore.isEnabled()


def test_files_and_folders_are_dropped_anywhere(
    window: MainWindow, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "folder" / "inside"
    folder.mkdir(parents=True)
    photos = make_photos(3)
    photos[2].rename(folder / "c.png")
    (folder / "notes.txt").write_text("no photo")
    drop(window, urls([photos[0], tmp_path / "folder"]))
    qtbot.waitUntil(lambda: window.bench.library.rowCount() == 2)
    assert [entry.name for entry in window.bench.library.entries] == ["photo 0.png", "c.png"]
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.view)


def test_pictures_are_pasted(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    image = QImage(64, 48, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.darkCyan)
    data = QMimeData()
    data.setImageData(image)
    QGuiApplication.clipboard().setMimeData(data)
    window.does["paste"].trigger()
    qtbot.waitUntil(lambda: window.bench.library.rowCount() == 1)
    entry = window.bench.library.entries[0]
    assert entry.name.startswith("pasted ")
    assert read_photo(entry.path).size == (64, 48)
    window.does["export"].trigger()
    assert window.outgoing.dialog is not None
    assert not window.outgoing.dialog.beside.isEnabled(), "nobody would find it there"
    window.outgoing.dialog.folder.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(window.outgoing.exporter.finished):
        window.outgoing.dialog.go.click()
    assert window.settings.value.export_folder is None, "nobody chose it for others"


def test_a_default_model_that_is_gone_is_forgotten(make_window: Callable[[], MainWindow]) -> None:
    before = make_window()
    before.settings.change(model="gone.safetensors", background="gone too")
    before.close()
    window = make_window()
    assert (window.settings.value.model, window.settings.value.background) == (None, "auto")


def test_an_empty_clipboard_is_said(window: MainWindow) -> None:
    QGuiApplication.clipboard().setText("no photo")
    window.does["paste"].trigger()
    assert window.messages.sentence.text() == "There is no photo on the clipboard."


def test_unreadable_files_are_listed_with_their_reason(
    window: MainWindow, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    window.incoming.open([*make_photos(), tmp_path / "bad.jpg"])
    qtbot.waitUntil(lambda: bool(window.bench.library.keys_in(PhotoState.FAILED)))
    (key,) = window.bench.library.keys_in(PhotoState.FAILED)
    index = window.bench.library.index(window.bench.library.row(key))
    assert "is not a picture this program can read" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_nothing_can_be_done_with_what_cannot_be_read(
    window: MainWindow, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(window, make_photos(), qtbot)
    qtbot.waitUntil(lambda: bool(shape_of(window)))
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    window.bench.open([bad])
    qtbot.waitUntil(lambda: bool(window.bench.library.keys_in(PhotoState.FAILED)))
    assert window.panel.title.text() == "The photo cannot be read"
    assert window.view._scene.before is None, "not the photo before it"
    assert not any(window.does[name].isEnabled() for name in ("export", "erase", "straighten", "turn_left"))
    assert window.does["restore"].isEnabled(), "its disk may be back"
    window.does["previous"].trigger()
    qtbot.waitUntil(lambda: bool(shape_of(window)))
    assert window.does["erase"].isEnabled()


def test_nothing_can_be_done_with_what_is_gone(
    window: MainWindow, make_photos: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = make_photos(2)
    loaded(window, paths, qtbot)
    window.does["next"].trigger()
    qtbot.waitUntil(lambda: bool(shape_of(window) and window.view._scene.marks))
    window.does["previous"].trigger()
    qtbot.waitUntil(lambda: bool(shape_of(window)))
    paths[1].unlink()
    window.does["next"].trigger()
    qtbot.waitUntil(lambda: window.panel.title.text() == "The photo cannot be read")
    assert window.view._scene.before is None, "not the photo before it"
    window.bench.toggle_face(0)
    assert window.view._scene.marks == (), "its faces are none of what is seen"
    assert not window.does["export"].isEnabled()


def test_a_tool_waits_for_the_photo_it_is_meant_for(
    window: MainWindow, make_photos: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(window, make_photos(2), qtbot)
    qtbot.waitUntil(lambda: bool(shape_of(window)))
    may_read, read = threading.Event(), window.bench.photos._read
    monkeypatch.setattr(window.bench.photos, "_read", lambda path: may_read.wait(PATIENCE) and read(path))
    window.does["erase"].trigger()
    window.does["next"].trigger()

    def paint() -> None:
        at = window.view.rect().center()
        qtbot.mousePress(window.view, Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseMove(window.view, at + QPoint(20, 20))
        qtbot.mouseRelease(window.view, Qt.MouseButton.LeftButton, pos=at + QPoint(20, 20))

    paint()
    assert [len(entry.decisions.strokes) for entry in window.bench.library.entries] == [0, 0]
    may_read.set()
    qtbot.waitUntil(lambda: bool(shape_of(window)))
    paint()
    assert [len(entry.decisions.strokes) for entry in window.bench.library.entries] == [0, 1]


def test_hundreds_of_photos_get_their_thumbnails(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for number in range(200):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((6, 8, 3), number, np.uint8))
    window.incoming.open([tmp_path])
    qtbot.waitUntil(lambda: window.bench.library.rowCount() == 200)
    qtbot.waitUntil(lambda: all(entry.thumbnail is not None for entry in window.bench.library.entries))
    thumbnail = window.bench.library.entries[77].thumbnail
    assert thumbnail is not None
    assert thumbnail.pixelColor(2, 2).red() == int(window.bench.library.entries[77].path.stem)


# Restoring.


def test_a_photo_is_restored_compared_and_undone(window: MainWindow, make_photos: Make, qtbot: QtBot) -> None:
    loaded(window, make_photos(2), qtbot)
    assert window.panel.title.text().startswith("2 face")
    qtbot.mouseClick(window.tools.restore, Qt.MouseButton.LeftButton)
    # The picture of the faces that were found may be made when they are restored already.
    qtbot.waitUntil(lambda: is_done(window) and window.bench.pictures._running is None)
    qtbot.waitUntil(lambda: window.view._scene.after is not None)
    for name, mode in (("side_by_side", CompareMode.SIDE_BY_SIDE), ("slider", CompareMode.SLIDER)):
        window.does[name].trigger()
        assert window.view.mode is mode
    result = window.presenter.result
    assert result is not None
    before, percent = result.copy(), window.panel.controls.strength.value()
    with qtbot.waitSignal(window.bench.redrawn):
        window.panel.controls.strength.setValue(0)
    assert (result != before).any()
    with qtbot.waitSignal(window.bench.redrawn):
        window.bench.undo.undo()
    np.testing.assert_array_equal(result, before)
    assert window.panel.controls.automatic.isChecked()
    assert window.panel.controls.strength.value() == percent > 0


def test_a_click_on_a_face_chooses_it_and_another_leaves_it_out(
    window: MainWindow, make_photos: Make, qtbot: QtBot
) -> None:
    loaded(window, make_photos(), qtbot)
    qtbot.waitUntil(lambda: window.view._scene.before is not None)
    viewport = window.view._scene.viewports[0]
    place = QPointF(*viewport.to_view((60, 35))).toPoint()
    qtbot.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=place)
    assert window.panel.index == 0
    qtbot.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=place)
    assert window.bench.current is not None
    assert [face.included for face in window.bench.current.decisions.faces or ()] == [False, True]


def test_tools_return_to_moving_once_a_face_is_drawn(window: MainWindow, make_photos: Make, qtbot: QtBot) -> None:
    loaded(window, make_photos(), qtbot)
    window.does["place_landmarks"].trigger()
    assert window.view.tool is Tool.PLACE_LANDMARKS
    for point in ((100, 90), (120, 90), (110, 108)):
        place = QPointF(*window.view._scene.viewports[0].to_view(point)).toPoint()
        qtbot.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=place)
    assert window.view.tool is Tool.PAN
    assert window.does["pan"].isChecked()
    assert window.bench.current is not None
    assert len(window.bench.current.decisions.faces or ()) == 3


def test_turning_and_cropping(window: MainWindow, make_photos: Make, qtbot: QtBot) -> None:
    loaded(window, make_photos(), qtbot)
    window.does["turn_right"].trigger()
    qtbot.waitUntil(lambda: shape_of(window) == (200, 120))
    window.does["straighten"].trigger()
    assert window.stack.currentWidget() is window.straighten
    window.straighten.frame.drag((1, 1), -40, -60)
    qtbot.mouseClick(window.straighten.accept, Qt.MouseButton.LeftButton)
    assert window.stack.currentWidget() is window.view
    qtbot.waitUntil(lambda: shape_of(window) == (140, 80))


def test_the_session_keeps_a_crop_that_stood_as_the_window_was_closed(
    window: MainWindow, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(window, make_photos(), qtbot)
    window.does["straighten"].trigger()
    window.straighten.right.click()
    window.close()
    journal = Journal(PhotoLibrary(), tmp_path / "data" / "session")
    saved = journal.read()
    journal.close()
    assert saved is not None
    assert saved.photos[0].decisions.geometry == Geometry(quarter_turns=1)


def test_who_goes_on_while_straightening_keeps_the_crop(
    window: MainWindow, make_photos: Make, qtbot: QtBot
) -> None:
    loaded(window, make_photos(2), qtbot)
    first, second = window.bench.library.entries
    window.does["straighten"].trigger()
    window.straighten.angle.setValue(50)
    window.does["next"].trigger()
    assert window.bench.current is second
    assert window.stack.currentWidget() is window.view
    assert first.decisions.geometry.degrees == 5
    assert second.decisions.geometry.degrees == 0

    qtbot.waitUntil(lambda: bool(shape_of(window)))
    window.does["straighten"].trigger()
    window.straighten.angle.setValue(-30)
    window.does["restore"].trigger()
    assert window.stack.currentWidget() is window.view
    assert second.decisions.geometry.degrees == -3
    qtbot.waitUntil(lambda: second.state is PhotoState.DONE)
    second.stack.undo()
    assert second.decisions.geometry.degrees == 0


def test_leaving_the_crop_frame_changes_nothing(window: MainWindow, make_photos: Make, qtbot: QtBot) -> None:
    loaded(window, make_photos(2), qtbot)
    first, _ = window.bench.library.entries
    window.does["straighten"].trigger()
    window.straighten.angle.setValue(50)
    window.straighten.cancel.click()
    window.does["next"].trigger()
    window.does["previous"].trigger()
    qtbot.waitUntil(lambda: bool(shape_of(window)))
    window.does["straighten"].trigger()
    window.straighten.accept.click()
    assert first.decisions.geometry.degrees == 0
    assert not first.stack.canUndo()


def test_all_photos_are_restored_with_progress(
    window: MainWindow, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    loaded(window, make_photos(5), qtbot)
    engine.held = True
    qtbot.mouseClick(window.strip.restore_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: engine.restored > 0)
    assert window.strip.bar.isVisible()
    assert window.strip.words.text().startswith("1 of 5")
    qtbot.mouseClick(window.strip.pause, Qt.MouseButton.LeftButton)
    assert window.strip.words.text().endswith("paused")
    engine.held = False
    qtbot.waitUntil(lambda: bool(window.bench.library.keys_in(PhotoState.DONE)))
    qtbot.mouseClick(window.strip.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(window.bench.library.keys_in(PhotoState.DONE)) == 5)
    qtbot.waitUntil(lambda: window.strip.words.text() == "5 restored")


def test_every_model_restores_the_chosen_face(
    window: MainWindow, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    from app.faces.model_strip import ModelChoice

    window.panel.set_models([ModelChoice(None, "Best"), ModelChoice("a", "A"), ModelChoice("b", "B")])
    loaded(window, make_photos(), qtbot)
    window.panel.choose(0)
    qtbot.mouseClick(window.panel.compare, Qt.MouseButton.LeftButton)
    buttons = window.panel.models._group.buttons()
    qtbot.waitUntil(lambda: all(not button.icon().isNull() for button in buttons))
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_done(window))
    assert window.bench.current is not None
    assert (window.bench.current.decisions.faces or ())[0].model == "a"


# Going out.


def test_closing_during_an_export_asks(
    window: MainWindow, make_photos: Make, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> None:
    loaded(window, make_photos(), qtbot)
    engine.held = True
    keys = [entry.key for entry in window.bench.library.entries]
    window.outgoing.exporter.export(keys, ExportOptions(tmp_path / "out"))
    assert not window.close()
    assert window.isVisible()
    assert "are being exported" in window.messages.sentence.text()
    engine.held = False
    qtbot.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    assert not window.isVisible()


def test_a_result_is_exported_and_copied(
    window: MainWindow, make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    loaded(window, make_photos(), qtbot)
    window.does["export"].trigger()
    dialog = window.outgoing.dialog
    assert dialog is not None
    dialog.into.setChecked(True)
    dialog.folder.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(window.outgoing.exporter.finished):
        qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["photo 0-restored.png"]
    assert window.messages.sentence.text().startswith("1 file")
    assert window.settings.value.export_folder == str(tmp_path / "out")
    window.does["copy"].trigger()
    assert QGuiApplication.clipboard().image().width() == 200


# Sessions.


def test_the_last_session_is_offered_and_goes_on(
    make_window: Callable[[], MainWindow], make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    first = make_window()
    loaded(first, make_photos(3), qtbot)
    first.bench.restore([first.bench.library.entries[0].key])
    qtbot.waitUntil(lambda: is_done(first))
    first.bench.engine.pause()
    first.bench.restore([entry.key for entry in first.bench.library.entries[1:]])
    first.close()
    restored = engine.restored
    second = make_window()
    assert "3 photo" in second.messages.sentence.text()
    assert "2 of them were still to be restored" in second.messages.sentence.text()
    qtbot.mouseClick(second.messages.action, Qt.MouseButton.LeftButton)
    library = second.bench.library
    qtbot.waitUntil(lambda: len(library.keys_in(PhotoState.DONE)) == 3)
    assert engine.restored == restored + 4, "what was restored is not restored again"


def test_results_that_are_gone_are_not_called_done(
    make_window: Callable[[], MainWindow], make_photos: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    first = make_window()
    loaded(first, make_photos(2), qtbot)
    first.does["restore_all"].trigger()
    qtbot.waitUntil(lambda: len(first.bench.library.keys_in(PhotoState.DONE)) == 2)
    first.close()
    gone = next((tmp_path / "data" / "session" / "crops").iterdir())
    shutil.rmtree(gone)
    second = make_window()
    qtbot.mouseClick(second.messages.action, Qt.MouseButton.LeftButton)
    states = [entry.state for entry in second.bench.library.entries]
    assert sorted(states) == [PhotoState.DONE, PhotoState.FOUND]


def test_better_models_are_offered_until_they_are_there(window: MainWindow, qtbot: QtBot) -> None:
    assert "MB to download" in window.empty.offer.text()
    qtbot.mouseClick(window.empty.models, Qt.MouseButton.LeftButton)
    panel = window.preferences.panel
    assert panel is not None
    assert panel.stack.currentWidget() is panel.models
    folder = models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    info = next(info for info in catalogue() if info.kind == "restorer" and not info.bundled)
    (folder / info.file).write_bytes(b"stands for it")
    panel.models_changed.emit()
    assert not window.empty.models.isVisible()


def test_a_better_model_makes_better_crops_when_asked(
    window: MainWindow, make_photos: Make, qtbot: QtBot, engine: FakeEngine
) -> None:
    loaded(window, make_photos(), qtbot)
    window.does["restore"].trigger()
    qtbot.waitUntil(lambda: is_done(window))
    entry = window.bench.current
    assert entry is not None
    assert entry.decisions.model is None
    info = next(info for info in catalogue() if info.kind == "restorer" and not info.bundled)
    models_folder().mkdir(parents=True, exist_ok=True)
    (models_folder() / info.file).write_bytes(b"stands for it")
    assert not window.bench.lacks(entry.key), "what the smaller model made is still there"
    with qtbot.waitSignal(window.bench.engine.restored):
        window.does["restore"].trigger()
    assert engine.restored == 4
    assert engine.opened[-1][0] == info.name


def test_restoring_is_at_hand_in_a_narrow_window(window: MainWindow, make_photos: Make, qtbot: QtBot) -> None:
    loaded(window, make_photos(), qtbot)
    window.resize(760, 520)
    qtbot.waitUntil(lambda: window.tools.width() == 760)
    for button in (window.tools.export, window.tools.restore, window.tools._more):
        assert button.isVisible()
        assert window.tools.rect().contains(button.mapTo(window.tools, button.rect().bottomRight()))
    with qtbot.waitSignal(window.bench.engine.restored):
        qtbot.mouseClick(window.tools.restore, Qt.MouseButton.LeftButton)


def test_the_window_comes_back_to_its_place(make_window: Callable[[], MainWindow]) -> None:
    first = make_window()
    first.place()
    assert first.width() < first.screen().availableGeometry().width()
    first.resize(790, 560)
    first.close()
    second = make_window()
    second.place()
    assert (second.width(), second.height()) == (790, 560)


def test_closed_photos_can_be_taken_back(window: MainWindow, make_photos: Make, qtbot: QtBot) -> None:
    loaded(window, make_photos(2), qtbot)
    window.strip.remove_asked.emit(window.strip.selected())
    assert len(window.bench.library.entries) == 1
    assert window.strip.selected() == [window.bench.library.entries[0].key]
    qtbot.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    assert [entry.name for entry in window.bench.library.entries] == ["photo 0.png", "photo 1.png"]


def test_all_keys_are_listed(window: MainWindow) -> None:
    window.does["keys"].trigger()
    (dialog,) = window.findChildren(KeysDialog)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    shortcuts = [QKeySequence(entry.keys).toString() for entry in entries() if entry.keys]
    assert set(shortcuts) <= set(words)
    assert len(set(shortcuts)) == len(shortcuts), "two actions have one key"
    dialog.reject()


def test_a_mistake_of_the_program_is_told(window: MainWindow) -> None:
    window.report_mistake("KeyError: 'lost'")
    assert window.messages.shown is not None
    assert window.messages.shown.details == "KeyError: 'lost'"
    assert window.messages.action.text() == "Open the log"


def test_settings_change_the_window(window: MainWindow, qtbot: QtBot) -> None:
    from app.theme import DARK, current

    window.preferences.show()
    assert window.preferences.panel is not None
    window.settings.change(theme="dark")
    assert current() is DARK
    window.settings.change(theme="light")


def test_models_are_opened_anew_for_another_device_alone(window: MainWindow, qtbot: QtBot) -> None:
    forgotten = window.bench.engine.models_forgotten
    with qtbot.assertNotEmitted(forgotten, wait=100):
        window.settings.change(theme="light", export_pattern="{name}-new")  # as each export does
    with qtbot.waitSignal(forgotten):
        window.settings.change(threads=1)


def test_a_window_that_is_away_comes_to_the_front_with_photos(
    window: MainWindow, make_photos: Make, qtbot: QtBot
) -> None:
    window.show()
    window.showMinimized()
    window.open_paths(make_photos(1))
    assert not window.isMinimized()
    window.hide()  # as with an icon beside the clock, while a model is trained
    window.open_paths(make_photos(2))
    assert window.isVisible()
    qtbot.waitUntil(lambda: window.bench.library.rowCount() == 2)


def test_a_crash_is_told(make_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    window.begin([], crash="Segmentation fault in thread 7")
    assert "ended unexpectedly" in window.messages.sentence.text()
    qtbot.mouseClick(window.messages.details, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(DetailsDialog)
    assert dialog.text.toPlainText() == "Segmentation fault in thread 7"
    dialog.reject()


@pytest.mark.slow
def test_a_real_photo_is_restored_with_the_bundled_models(
    make_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(real=True)
    window.incoming.open([SAMPLES / "wallet-photo.jpg"])
    qtbot.waitUntil(lambda: bool(window.bench.current and window.bench.current.decisions.faces))
    window.does["restore"].trigger()
    qtbot.waitUntil(lambda: is_done(window))
    qtbot.waitUntil(lambda: window.view._scene.after is not None)
    result, before = window.presenter.result, read_photo(SAMPLES / "wallet-photo.jpg").rgb
    assert result is not None
    assert result.shape == before.shape
    changed = (result != before).any(axis=2)
    assert 0.001 < changed.mean() < 0.2
