"""The parts of the page on fine-tuning, each by itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from app.settings.settings import SETTINGS, AppSettings, SettingsStore
from app.training.advanced import ELSEWHERE, AdvancedSettings
from app.training.collecting import Collected, add_photos
from app.training.collection import Collection
from app.training.controller import TrainingController
from app.training.faces_model import FaceRole, FacesModel
from app.training.faces_page import is_of
from app.training.history import Curve, History
from app.training.measuring import Measuring, key_of
from app.training.plots import LossPlot, smoothed, thinned
from app.training.previews import Previews
from app.training.process import Outcome, TrainingProcess
from app.training.result_page import ResultPage
from app.training.runs import free_folder, list_runs, read_run
from app.training.runs_page import RunsPage
from core.progress import CancelToken
from tests.trainer.conftest import soft_dataset
from trainer.config import TrainConfig
from trainer.dataset import read_dataset
from trainer.events import Done, Error, EventLog, Hello, Sample, State, Step, Warning, encode
from trainer.quality import Limits
from trainer.resolving import as_toml, load_preset, preset_names, resolve
from trainer.run_folder import RunFolder

HELLO = Hello("anna", "/runs/anna", "quick", 0, 100, "cpu", "fp32", 2, 1, 1000, 8, 2, seconds=200.0)


def step(number: int, loss: float | None = 1.0) -> Step:
    return Step(number, 100, {"l1": loss}, 1e-3, 2.0, 3.0 * (100 - number), 10**9)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("also", "words"), [({}, "not known"), ({"identity_angle": 30.0}, "better than the model before in 1 of 2")]
)
def test_the_verdict_is_none_where_no_network_sees_faces(
    qtbot: QtBot, tmp_path: Path, also: dict[str, float], words: str
) -> None:
    controller = TrainingController(tmp_path)
    page = ResultPage(controller)
    qtbot.addWidget(page)
    metrics = {"before": {"psnr": 24.0, **also}, "after": {"psnr": 25.0, **also}}
    controller.history.take(Done("finished", 3, "model.safetensors", "anna", metrics))
    page.refresh()
    assert words in page.verdict.text()
    rows = [page.table.itemAtPosition(row, 3) for row in range(1, page.table.rowCount())]
    colored = [bool(row.widget().styleSheet()) for row in rows if row is not None]
    assert any(colored) == bool(also), "no colour where nobody knows"
    page.close_threads()
    controller.close()


# What a run has said.


def test_a_run_that_went_back_has_each_step_once() -> None:
    history = History()
    history.take_all([HELLO, step(1, 5), step(2, 4), step(3, None), step(4, 9), step(2, 3), step(3, 2)])
    assert list(history.curves["l1"].steps) == [1, 2, 3]
    assert list(history.curves["l1"].values) == [5, 3, 2]


def test_the_time_left_is_that_of_the_trial_until_the_pace_is_known() -> None:
    history = History()
    assert history.seconds_left is None
    history.take(HELLO)
    assert history.seconds_left == 200
    history.take(step(10))
    assert history.seconds_left == 180
    history.take(step(30))
    assert history.seconds_left == 210


def test_a_history_is_read_again_as_it_was_said(tmp_path: Path) -> None:
    told = [
        HELLO,
        Warning("slow"),
        step(10),
        Sample(10, str(tmp_path / "000010.jpg"), {"psnr": 20.0}),
        State("paused", 10),
        Error("The disk is full."),
        Done("failed", 10),
    ]
    log = EventLog(tmp_path / "events.jsonl")
    for event in told:
        log(event)
    history = History.read(tmp_path / "events.jsonl")
    assert history == replace_curves(History(), history, told)
    assert (history.state, history.error, history.step, history.steps) == ("failed", "The disk is full.", 10, 100)
    assert history.log == ["slow", "The disk is full."]
    assert History.read(tmp_path / "nothing") == History()


def replace_curves(empty: History, like: History, told: list) -> History:
    """The same events folded anew; curves are compared by their values."""
    empty.take_all(told)
    for name, curve in empty.curves.items():
        assert (curve.steps, curve.values) == (like.curves[name].steps, like.curves[name].values)
    return replace(empty, curves=like.curves)


# Curves.


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=300), st.sampled_from([0.0, 0.3, 0.9, 0.99]))
def test_smoothing_is_an_exponential_average(values: list[float], factor: float) -> None:
    expected = [values[0]]
    for value in values[1:]:
        expected.append(factor * expected[-1] + (1 - factor) * value)
    np.testing.assert_allclose(smoothed(np.array(values), factor), expected, atol=1e-9)


@given(st.integers(1, 5000), st.integers(2, 700), st.integers(0, 100))
def test_a_thinned_curve_keeps_its_extremes_and_its_end(count: int, most: int, seed: int) -> None:
    steps = np.arange(count, dtype=float)
    values = np.random.default_rng(seed).normal(size=count)
    kept, thin = thinned(steps, values, most)
    assert len(kept) <= max(2 * most, 3) or len(kept) == count
    assert (np.diff(kept) >= 0).all()
    assert kept[-1] == steps[-1]
    np.testing.assert_array_equal(values[kept.astype(int)], thin)
    whole = count // max(1, -(-2 * count // most)) * max(1, -(-2 * count // most))
    assert thin.min() == values[: max(whole, 1)].min() or thin.min() == values.min()


@pytest.fixture
def plot(qtbot: QtBot) -> LossPlot:
    made = LossPlot()
    qtbot.addWidget(made)
    made.show()
    return made


def test_curves_are_hidden_smoothed_and_cut(plot: LossPlot) -> None:
    history = History()
    history.take(HELLO)
    for number in range(1, 101):
        values = {"l1": 1 / number, "real_logits": float(number)}
        history.take(replace(step(number), losses=values))
    plot.set_history(history)
    assert plot.boxes["l1"].isChecked()
    assert not plot.boxes["real_logits"].isChecked()
    steps, values = plot._smooth["l1"].getData()
    assert (len(steps), steps[0]) == (100, 1)
    assert values[5] > 1 / 6
    plot.smoothing.setValue(0)
    np.testing.assert_allclose(plot._smooth["l1"].getData()[1], 1 / np.arange(1, 101))
    plot.hidden.setValue(40)
    assert plot._smooth["l1"].getData()[0][0] == 41
    plot.raw.setChecked(False)
    assert not plot._raw["l1"].isVisible()
    plot.boxes["l1"].setChecked(False)
    assert not plot._smooth["l1"].isVisible()
    plot.log.setChecked(True)
    plot.boxes["l1"].setChecked(True)
    assert plot._smooth["l1"].isVisible()


def test_a_hundred_thousand_points_are_drawn_as_few(plot: LossPlot) -> None:
    history = History()
    history.take(HELLO)
    noise = np.random.default_rng(0).normal(size=100_000)
    curve = history.curves["l1"] = Curve()
    curve.steps.extend(range(1, 100_001))
    curve.values.extend(noise)
    plot.set_history(history)
    steps, _ = plot._raw["l1"].getData()
    assert len(steps) < 1000
    assert steps[-1] == 100_000
    plot.plot.setXRange(50_000, 50_200, padding=0)
    plot.draw()
    steps, values = plot._raw["l1"].getData()
    assert (steps[0], steps[-1]) == (50_000, 50_201)
    np.testing.assert_array_equal(values, noise[49_999:50_201])


# Settings.


@pytest.fixture
def advanced(qtbot: QtBot) -> AdvancedSettings:
    made = AdvancedSettings()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("preset", preset_names())
def test_every_setting_has_a_field_that_shows_its_value(advanced: AdvancedSettings, preset: str) -> None:
    config = resolve({"preset": preset, **load_preset(preset)})
    advanced.set_config(config)
    assert (advanced.changes, advanced.problem) == ([], "")
    assert advanced.config() == config
    assert len(advanced.fields) > 80
    assert not ELSEWHERE & advanced.fields.keys()


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("steps", "many", "steps is to be a whole number"),
        ("steps", "0", "steps is to be a whole number, namely >= 1"),
        ("steps", "2.5", "steps is to be a whole number"),
        ("optimizer.betas", "[0.0, 2.0]", "optimizer.betas"),
        ("degradation.noise", "[30, 0]", "noise"),
        ("degradation.jpeg", "none", ""),
        ("optimizer.milestones", "[10, 20]", ""),
        ("losses.perceptual_layers", "{conv1 = 0.5}", ""),
        ("device", "cuda:1", ""),
        ("device", "", ""),
        ("losses.perceptual_network", "12", ""),
        ("data.held_out", "0.2", ""),
    ],
)
def test_settings_are_checked_as_typed(advanced: AdvancedSettings, key: str, text: str, problem: str) -> None:
    field = advanced.fields[key].widget
    assert isinstance(field, QLineEdit)
    field.setText(text)
    field.textEdited.emit(text)
    assert problem in advanced.problem
    assert bool(advanced.problem) is bool(problem)


def test_switches_and_choices_are_changes_too(advanced: AdvancedSettings) -> None:
    switch, choice = advanced.fields["checkpointing"].widget, advanced.fields["degradation.resampling"].widget
    assert isinstance(switch, QCheckBox)
    assert isinstance(choice, QComboBox)
    switch.click()
    choice.setCurrentText("bicubic")
    assert advanced.changes == ["checkpointing=true", 'degradation.resampling="bicubic"']
    assert advanced.config().checkpointing
    advanced.search.setText("checkpointing")
    assert not choice.isVisibleTo(advanced)
    assert switch.isVisibleTo(advanced)


# Faces.


@pytest.fixture
def collection(qtbot: QtBot, tmp_path: Path) -> Iterator[Collection]:
    made = Collection(SettingsStore(tmp_path / SETTINGS))
    yield made
    made.close()


def opened(collection: Collection, folder: Path, count: int, qtbot: QtBot) -> FacesModel:
    collection.open(folder)
    qtbot.waitUntil(lambda: len(collection.model.faces) == count)
    return collection.model


def test_a_closed_collection_begins_nothing_that_waited(
    collection: Collection, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[list[Path]] = []

    def add(_: Path, paths: list[Path], *__: object) -> Collected:
        begun.append(paths)
        return Collected(())

    monkeypatch.setattr("app.training.collection.add_photos", add)
    collection.add([tmp_path / "first"])
    collection.add([tmp_path / "second"])
    with qtbot.waitSignal(collection.changed):  # what ended is told of afterwards
        collection.close()
    assert collection._work._thread.waitForDone()
    assert begun == [[tmp_path / "first"]]


def test_adding_is_stopped_while_folders_are_looked_through(tmp_path: Path) -> None:
    soft_dataset(tmp_path / "faces", 2)
    cancel, told = CancelToken(), []
    cancel.cancel()
    settings = AppSettings()
    added = add_photos(tmp_path / "faces", [tmp_path], Limits(), settings, {}, cancel, told.append)
    assert len(added.faces) == 2
    assert told == []


def test_decisions_survive_whatever_is_done_meanwhile(
    collection: Collection, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = soft_dataset(tmp_path / "faces", 4)
    model = opened(collection, folder, 4, qtbot)
    collection.set_limits(replace(collection.limits, keep_grey=True))
    model.toggle(model.index(1, 0))
    assert model.accepted == 3
    qtbot.waitUntil(lambda: not read_dataset(folder).faces[1].accepted)
    model.toggle(model.index(2, 0))
    decided = model.faces[2].accepted
    collection.close()
    saved = read_dataset(folder).faces
    assert (saved[2].accepted, saved[2].by_user) == (decided, True)
    assert not saved[1].accepted


def test_only_what_is_seen_is_read(collection: Collection, tmp_path: Path, qtbot: QtBot) -> None:
    folder = soft_dataset(tmp_path / "faces", 3)
    (folder / "faces" / "1.png").write_bytes(b"damaged")
    model = opened(collection, folder, 3, qtbot)
    assert model.index(0, 0).data(FaceRole.THUMBNAIL) is None
    qtbot.waitUntil(lambda: model.index(0, 0).data(FaceRole.THUMBNAIL) is not None)
    assert model.index(0, 0).data(FaceRole.THUMBNAIL).width() == 208
    assert len(model._thumbnails._images) == 1
    model.index(1, 0).data(FaceRole.THUMBNAIL)
    qtbot.waitUntil(lambda: model.index(1, 0).data(FaceRole.THUMBNAIL) is not None)
    assert model.index(1, 0).data(FaceRole.THUMBNAIL).isNull()


def test_a_filter_shows_those_with_a_reason(collection: Collection, tmp_path: Path, qtbot: QtBot) -> None:
    model = opened(collection, soft_dataset(tmp_path / "faces", 3), 3, qtbot)
    faces = [
        replace(model.faces[0], accepted=False, reasons=("blurred", "too small")),
        replace(model.faces[1], accepted=True, reasons=("blurred",), by_user=True),
        model.faces[2],
    ]
    model.set_faces(collection.folder, faces)
    for wanted, rows in {"all": 3, "accepted": 2, "left out": 1, "blurred": 1, "grey": 0}.items():
        model.show_only(lambda face, wanted=wanted: is_of(face, wanted))
        assert model.rowCount() == rows, wanted
    model.show_only(lambda face: is_of(face, "accepted"))
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "1.jpg\ntaken by you"


def test_a_damaged_collection_is_said(collection: Collection, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "dataset.json").write_text("{")
    with qtbot.waitSignal(collection.told) as told:
        collection.open(tmp_path)
    assert told.args is not None
    assert "is damaged" in told.args[0]
    assert (tmp_path / "dataset.json").read_text() == "{"


# Previews.


def test_previews_go_through_time_and_follow_it(qtbot: QtBot, tmp_path: Path) -> None:
    previews, history = Previews(), History()
    qtbot.addWidget(previews)
    previews.set_history(history)

    def sampled(number: int) -> None:
        for folder in ("input", "truth", f"{number:06}"):
            (tmp_path / folder).mkdir(exist_ok=True)
            for face in (1, 2):
                Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / folder / f"{face}.png")
        history.take(Sample(number, str(tmp_path / f"{number:06}.jpg")))
        previews.refresh()

    for number in (0, 50, 100):
        sampled(number)
    assert previews.when.text() == "after 100 steps"
    assert previews.picture._left.toImage().pixelColor(1, 1).red() == 0
    assert previews.picture._right.toImage().pixelColor(1, 1).red() == 100
    assert previews.face.maximum() == 2
    previews.time.setValue(1)
    assert previews.when.text() == "after 50 steps"
    sampled(150)
    assert previews.when.text() == "after 50 steps"
    previews.time.setValue(3)
    sampled(200)
    assert previews.when.text() == "after 200 steps"
    qtbot.keyClick(previews.picture, Qt.Key.Key_Left)
    assert previews.picture.share == pytest.approx(0.45)


# Runs.


def run_in(folder: Path, *told: object, name: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(as_toml(TrainConfig(steps=100, name=name)))
    log = EventLog(folder / "events.jsonl")
    for event in told:
        log(event)  # type: ignore[arg-type]
    return folder


def test_the_list_of_runs_tells_how_each_stands(tmp_path: Path) -> None:
    run_in(tmp_path / "a", HELLO, step(10), Done("finished", 100, "m", "anna"))
    run_in(tmp_path / "b", HELLO, step(40))
    run_in(tmp_path / "c", HELLO, *(step(number) for number in range(1, 1000)), Done("stopped", 99), name="Clara")
    run_in(tmp_path / "d")
    (tmp_path / "e").mkdir()
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "config.toml").write_text("steps = 'many'")
    with RunFolder(tmp_path / "d").locked():
        runs = {run.folder.name: run for run in list_runs(tmp_path)}
    found = {name: (run.state, run.step, run.model, run.can_go_on) for name, run in runs.items()}
    assert found == {
        "a": ("finished", 100, "anna", False),
        "b": ("interrupted", 40, "", True),
        "c": ("stopped", 99, "", True),
        "d": ("running", 0, "", False),
    }
    assert runs["c"].name == "Clara"
    assert list_runs(tmp_path / "nowhere") == []
    assert read_run(tmp_path / "e") is None


def test_a_folder_for_a_run_is_free(tmp_path: Path) -> None:
    assert free_folder("Anna: 1920?", tmp_path).name == "Anna-1920"
    (tmp_path / "Anna-1920").mkdir()
    (tmp_path / "Anna-1920-2").mkdir()
    assert free_folder("Anna: 1920?", tmp_path).name == "Anna-1920-3"


def test_a_run_goes_to_the_trash(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GFPGAN_DESKTOP_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    for name in ("files", "info"):
        (tmp_path / "share" / "Trash" / name).mkdir(parents=True)
    for name in ("anna", "bert"):
        run_in(tmp_path / "runs" / name, HELLO, Done("stopped", 5))
    page = RunsPage()
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: len(page.rows) == 2)
    next(row for row in page.rows if row.run.name == "anna").delete.click()
    qtbot.waitUntil(lambda: len(page.rows) == 1)
    assert page.words.text() == "'anna' is in the trash."
    assert not (tmp_path / "runs" / "anna").exists()
    assert len(list((tmp_path / "share").rglob("events.jsonl"))) == 1
    page.close_threads()


# The controller, where memory lacks.


def saying(*told: object) -> list[str]:
    lines = "; ".join(f"print({encode(event)!r}, flush=True)" for event in told)  # type: ignore[arg-type]
    return [sys.executable, "-c", lines]


def test_memory_is_given_back_once_and_then_it_tries_again(qtbot: QtBot, tmp_path: Path) -> None:
    process = TrainingProcess(None, saying(Error("Too large.", memory=True), Done("failed", 0)))
    controller = TrainingController(tmp_path / "training", process)
    asked: list[bool] = []

    def make_room() -> None:
        asked.append(controller.running)
        controller.try_again()

    controller.room_asked.connect(make_room)
    with qtbot.waitSignal(controller.ended) as ended:
        controller.begin(TrainConfig(), tmp_path / "run")
    assert asked == [True]
    assert ended.args == [Outcome("failed", "Too large.", Done("failed", 0), True)]
    assert not controller.running
    controller.close()


def test_what_was_measured_is_known_to_the_next_window(qtbot: QtBot, tmp_path: Path) -> None:
    config = TrainConfig(steps=7)
    measuring = Measuring(tmp_path)
    measuring._process._command = saying(replace(HELLO, memory_bytes=10**9), Done("stopped", 0))
    with qtbot.waitSignals([measuring.changed] * 2):
        measuring.measure(config)
    again = Measuring(tmp_path).known(TrainConfig(steps=7, name="other"))
    assert again is not None
    assert (again.seconds, again.memory_bytes) == (200.0, 10**9)
    assert measuring.known(TrainConfig(steps=8)) is None
    assert key_of(config) != key_of(TrainConfig(steps=8))
    measuring._process._command = saying(Error("No face; go on with --resume."), Done("failed", 0))
    with qtbot.waitSignals([measuring.changed] * 2):
        measuring.measure(TrainConfig(steps=9))
    needs = measuring.known(TrainConfig(steps=9))
    assert needs is not None
    assert needs.problem == "No face; go on."
