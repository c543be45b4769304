"""The page on fine-tuning in the real window: from photos that are dropped to one restored by the new model."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageFilter
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.document.library import PhotoState
from app.main_window import MainWindow
from app.settings.models_page import ModelRow
from app.training.steps import Steps
from core.models.records import Record, remember
from core.models.store import present_models
from core.networks.gfpgan import GFPGAN
from core.networks.loading import save_network
from tests.app.conftest import FakeEngine
from tests.app.test_main_window import drop, urls
from tests.trainer.conftest import collins, hopper
from trainer.config import TrainConfig
from trainer.dataset import read_dataset
from trainer.events import Done, Error, Event, Hello, encode

__all__ = ["collins", "hopper"]

pytestmark = pytest.mark.slow

TINY = {
    "steps": "4",
    "batch": "1",
    "device": "cpu",
    "precision": "fp32",
    "samples": "1",
    "losses.pyramid": "1",
    "losses.perceptual": "0",
    "losses.identity": "0",
    "losses.adversarial": "0",
    "losses.component": "0",
    "data.workers": "0",
    "data.held_out": "1",
    "every.report": "1",
    "every.sample": "2",
    "every.evaluation": "2",
    "every.checkpoint": "2",
}


@pytest.fixture
def window(
    qtbot: QtBot, tmp_path: Path, own_models_folder: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    monkeypatch.setenv("GFPGAN_DESKTOP_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    own_models_folder.mkdir()
    torch.manual_seed(0)
    save_network(GFPGAN("clean", 64, 16, 1, 0.06, 2), own_models_folder / "small.safetensors", {"licence": "x"})
    remember("small.safetensors", Record("0", 1, "test", "2025-01-01", "restorer", "a small model"))
    made = MainWindow(tmp_path / "data")
    # pytest-qt closes it before this fixture could, and a window that trains stays.
    qtbot.addWidget(made, before_close_func=lambda window: window.training.controller.close())
    made.show()
    made.begin([])
    return made


@pytest.fixture
def page(window: MainWindow) -> Steps:
    window.training.page_asked.emit()
    assert window.training.page is not None
    return window.training.page.steps


@pytest.fixture
def folder(tmp_path: Path, hopper: Image.Image, collins: Image.Image) -> Path:
    """Photos of two people: one good, one too small, one of the first that is blurred."""
    made = tmp_path / "my photos"
    made.mkdir()
    hopper.save(made / "hopper.png")
    collins.save(made / "collins.png")
    hopper.rotate(4).filter(ImageFilter.GaussianBlur(4)).save(made / "soft.png")
    (made / "broken.jpg").write_bytes(b"no picture")
    return made


def click_on(page: Steps, source: str, qtbot: QtBot) -> None:
    """Click on the face of a photo."""
    view, model = page.faces.view, page.collection.model
    row = next(row for row, face in enumerate(model.faces) if face.source == source)
    place = view.visualRect(model.index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def collect(page: Steps, folder: Path, qtbot: QtBot) -> None:
    """Drop the folder, and take the small face too."""
    drop(page.faces, urls([folder]))
    qtbot.waitUntil(lambda: page.collection.busy)
    qtbot.waitUntil(lambda: not page.collection.busy)
    click_on(page, "collins.png", qtbot)
    qtbot.waitUntil(lambda: len(read_dataset(page.collection.folder).accepted) == 2)


def set_up(page: Steps, name: str, **settings: object) -> None:
    """Choose the small model, a name, and settings for a run of seconds ("__" stands for a dot)."""
    plan = page.plan
    page.faces.next.click()
    plan.base.setCurrentIndex(plan.base.findData("small.safetensors"))
    plan.base.activated.emit(plan.base.currentIndex())
    plan.name.setText(name)
    plan.unfold.setChecked(True)
    wanted = TINY | {key.replace("__", "."): str(value) for key, value in settings.items()}
    for key, value in wanted.items():
        widget = plan.advanced.fields[key].widget
        if isinstance(widget, QComboBox):
            widget.setCurrentText(value)
        else:
            assert isinstance(widget, QLineEdit)
            widget.setText(value)
            widget.textEdited.emit(value)


def started(page: Steps, qtbot: QtBot) -> None:
    """Start, and wait for the first steps."""
    qtbot.mouseClick(page.plan.start, Qt.MouseButton.LeftButton)
    controller = page.run._controller
    assert controller.running
    qtbot.waitUntil(lambda: controller.history.last is not None or not controller.running)
    assert controller.running, controller.outcome


def test_from_dropped_photos_to_a_photo_restored_by_ones_own_model(
    window: MainWindow, page: Steps, folder: Path, qtbot: QtBot
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    qtbot.waitUntil(lambda: not page.collection.busy)
    assert not page.plan.start.isEnabled()
    assert page.plan.reason.text().startswith("There is no face to learn from yet")
    drop(page.faces, urls([folder]))
    qtbot.waitUntil(lambda: page.collection.busy)
    qtbot.waitUntil(lambda: not page.collection.busy)
    verdicts = {face.source: (face.accepted, face.reasons) for face in page.collection.model.faces}
    assert verdicts["hopper.png"] == (True, ())
    assert verdicts["collins.png"] == (False, ("too small",))
    assert "blurred" in verdicts["soft.png"][1]
    assert "broken.jpg" in page.faces.words.text()
    texts = [page.faces.filter.itemText(row) for row in range(page.faces.filter.count())]
    assert texts[:3] == ["All faces: 3", "To learn from: 1", "Left out: 2"]
    click_on(page, "collins.png", qtbot)
    assert page.faces.counts.text() == "2 face(s) to learn from"
    qtbot.waitUntil(lambda: len(read_dataset(page.collection.folder).accepted) == 2)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    missing = page.plan.missing.rows
    assert "textures come out softer" in missing["vgg19"].details.text()
    assert "faces drift further from the person" in missing["mobilefacenet"].details.text()
    set_up(page, "Anna 1920")
    assert page.plan.start.isEnabled()
    assert not page.plan.missing.rows  # these terms have no weight now
    ended = qtbot.waitSignal(window.training.controller.ended)
    with ended:
        qtbot.mouseClick(page.plan.start, Qt.MouseButton.LeftButton)
        assert page.stack.currentWidget() is page.run
    assert ended.args is not None
    assert ended.args[0].state == "finished", ended.args[0]
    assert page.stack.currentWidget() is page.result
    assert page.result.title.text() == "Anna-1920"
    # PSNR and SSIM alone tell nothing.
    assert "not known" in page.result.verdict.text()
    run = page.run
    assert run.steps_words.text() == "4 of 4 steps"
    assert {"l1", "pyramid", "total"} <= run.plot.boxes.keys()
    assert run.previews.time.maximum() == 2
    assert not run.previews.picture._right.isNull()

    # It is in every list of models, without a new start.
    assert "Anna-1920" in [choice.title for choice in window.panel.choices]
    assert page.plan.base.findText("Anna-1920") > 0
    assert window.preferences.panel is not None
    assert "Anna-1920" in [row.title.text() for row in window.preferences.panel.models.findChildren(ModelRow)]
    assert window.preferences.panel.restoration.model.findText("Anna-1920") > 0

    window.incoming.open([folder / "hopper.png"])
    qtbot.waitUntil(lambda: bool(window.bench.current and window.bench.current.decisions.faces))
    page.result.attempt.click()
    entry = window.bench.current
    assert entry is not None
    assert entry.decisions.model == "Anna-1920.safetensors"
    qtbot.waitUntil(lambda: entry.state in (PhotoState.DONE, PhotoState.FAILED))
    assert entry.state is PhotoState.DONE, entry.reason
    face = entry.decisions.included[0]
    crop = window.bench.shelf.crop(entry.path, entry.decisions.key(face))
    assert crop is not None
    assert crop.restored is not None
    qtbot.waitUntil(lambda: not window.bench.engine._running)

    # Another name, and then away with it.
    page.result.name.setText("Anna")
    with qtbot.waitSignal(page.result.models_changed):
        page.result.rename.click()
    assert page.result.title.text() == "Anna"
    assert "Anna" in [choice.title for choice in window.panel.choices]
    with qtbot.waitSignal(page.result.models_changed):
        page.result.discard.click()
    assert page.result.title.text() == "The model was discarded"
    assert [model.title for model in present_models("restorer") if model.info is None] == ["small"]


def test_paused_sampled_stopped_and_gone_on_with(
    window: MainWindow, page: Steps, folder: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    collect(page, folder, qtbot)
    set_up(page, "bert", steps=2000, every__sample=0)
    started(page, qtbot)
    controller, run = window.training.controller, page.run
    run.pause.click()
    qtbot.waitUntil(lambda: controller.paused)
    assert run.pause.text() == "&Resume"
    assert run.state.text() == "paused"
    samples = len(controller.history.sheets)
    run.sample.click()
    qtbot.waitUntil(lambda: len(controller.history.sheets) == samples + 1)
    at = controller.history.step
    run.pause.click()
    qtbot.waitUntil(lambda: controller.history.step > at)
    assert page.plan.reason.text().startswith("A training is running")
    with qtbot.waitSignal(controller.ended):
        run.stop.click()
    assert controller.outcome is not None
    assert "stopped after" in controller.outcome.sentence

    # From the list of all runs: it goes on, and its settings begin another one.
    page.tabs.button(4).click()
    qtbot.waitUntil(lambda: len(page.runs.rows) == 1)
    (row,) = page.runs.rows
    assert row.run.state == "stopped"
    row.go_on.click()
    stopped_at = row.run.step
    qtbot.waitUntil(lambda: controller.history.step > stopped_at)
    curve = controller.history.curves["l1"]
    assert list(curve.steps) == sorted(set(curve.steps))
    assert curve.steps[0] == 1

    # The child dies: a sentence, and the way to go on.
    os.kill(controller.process._process.processId(), signal.SIGKILL)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: not controller.running)
    assert "most likely because memory ran out" in run.words.text()
    page.tabs.button(2).click()
    assert run.again.isVisible()
    page.tabs.button(4).click()
    qtbot.waitUntil(lambda: bool(page.runs.rows) and page.runs.rows[0].run.state == "interrupted")
    page.runs.rows[0].again.click()
    assert page.stack.currentWidget() is page.plan
    assert page.plan.name.text() == "bert-2"
    assert page.plan.advanced.fields["steps"].text == "2000"


def test_closing_asks_once_and_saves(
    window: MainWindow, page: Steps, folder: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    collect(page, folder, qtbot)
    set_up(page, "clara", steps=2000)
    started(page, qtbot)
    assert window.preferences.panel is not None
    window.preferences.panel.hide()
    question = window.training.question
    window.close()
    assert window.isVisible()
    assert question.isVisible()
    question.stay.click()
    assert not question.isVisible()
    assert window.training.controller.running
    window.close()
    question.stop.click()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not window.training.controller.running
    said = (tmp_path / "runs" / "clara" / "events.jsonl").read_text().splitlines()
    assert json.loads(said[-1])["state"] == "stopped"
    assert not (tmp_path / "data" / "training" / "training.json").exists()


def test_a_training_that_was_interrupted_is_offered_again(
    window: MainWindow, page: Steps, folder: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    collect(page, folder, qtbot)
    set_up(page, "dora", steps=2000)
    started(page, qtbot)
    controller = window.training.controller
    assert controller.interrupted() is None  # another window does not offer what goes on here
    controller.close()
    window.preferences.panel.hide()  # type: ignore[union-attr]
    window.close()
    again = MainWindow(tmp_path / "data")
    qtbot.addWidget(again)
    again.show()
    again.begin([])
    assert again.messages.sentence.text() == "The training of 'dora' was interrupted; what it learned is safe."
    again.messages.action.click()
    resumed = again.training.controller
    qtbot.waitUntil(lambda: resumed.history.last is not None)
    with qtbot.waitSignal(resumed.ended):
        resumed.stop()
    assert isinstance(resumed.history.done, Done)
    again.preferences.panel.close()  # type: ignore[union-attr]
    again.close()


def test_the_window_goes_out_of_the_way_and_training_goes_on(
    window: MainWindow, page: Steps, folder: Path, qtbot: QtBot
) -> None:
    """Here there is no tray: it is minimised."""
    collect(page, folder, qtbot)
    set_up(page, "emil", steps=2000)
    started(page, qtbot)
    controller = window.training.controller
    window.close()
    window.training.question.background.click()
    assert window.isMinimized()
    at = controller.history.step
    qtbot.waitUntil(lambda: controller.history.step > at)
    with qtbot.waitSignal(controller.ended):
        controller.stop()
    assert window.messages.sentence.text().startswith("The training is stopped after")


def child(tmp_path: Path, *answers: list[Event]) -> list[str]:
    """A child that says something else each time."""
    for number, answer in enumerate(answers):
        (tmp_path / f"answer {number}").write_text("".join(f"{encode(event)}\n" for event in answer))
    program = (
        "import sys, pathlib; answers = sorted(pathlib.Path(sys.argv[1]).glob('answer *'))\n"
        "print(answers[0].read_text(), end='', flush=True); answers[0].unlink()\n"
        "if not sys.stdout.closed and len(answers) == 1 and 'done' not in sys.argv[2]: sys.stdin.read()"
    )
    return [sys.executable, "-c", program, str(tmp_path), "done" if len(answers) > 1 else "stays"]


HELLO = Hello("anna", "/runs/anna", "quick", 0, 10, "cpu", "fp32", 2, 1, 1000, 8, 2)


def test_the_window_makes_room_and_says_so(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    controller = window.training.controller
    lacks = [Error("The run needs 9 GB.", memory=True), Done("failed", 0)]
    controller.process._command = child(tmp_path, lacks, [HELLO, Done("finished", 10)])
    forgotten: list[bool] = []
    window.bench.engine.models_forgotten.connect(lambda: forgotten.append(controller.running))
    with qtbot.waitSignal(controller.ended):
        controller.begin(TrainConfig(), tmp_path / "run")
    assert forgotten == [True]
    assert controller.outcome is not None
    assert controller.outcome.state == "finished"
    assert window.messages.sentence.text().startswith("The models for restoring are closed")


def test_where_there_is_a_tray_the_window_goes_there_and_comes_back(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    controller = window.training.controller
    controller.process._command = child(tmp_path, [HELLO])
    controller.begin(TrainConfig(), tmp_path / "run")
    qtbot.waitUntil(lambda: controller.history.hello is not None)
    window.close()
    window.training.question.background.click()
    assert not window.isVisible()
    assert controller.running
    tray = window.training.tray
    assert tray is not None
    assert not QApplication.quitOnLastWindowClosed()
    tray.contextMenu().actions()[0].trigger()
    assert window.isVisible()
    assert QApplication.quitOnLastWindowClosed()


def test_escape_leaves_the_window_open(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    controller = window.training.controller
    controller.process._command = child(tmp_path, [HELLO])
    controller.begin(TrainConfig(), tmp_path / "run")
    window.close()
    question = window.training.question
    assert question.isVisible()
    qtbot.keyClick(question.background, Qt.Key.Key_Escape)
    assert not question.isVisible()
    assert window.isVisible()
    assert controller.running
