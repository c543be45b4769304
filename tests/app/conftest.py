"""What the tests of the window share: a fake engine, and checks that nothing is left behind."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import message_bar
from app.theme import apply_theme
from app.workbench import Workbench
from core.assembly import Assembly
from core.engines.engine import Target
from core.errors import RestorationError
from core.identity import IdentityMeter
from core.pipeline import RestorationPipeline
from core.progress import CancelToken
from core.types import Face, FaceCrop
from tests.conftest import PATIENCE, face_at, flat, smooth_photo
from tests.models.conftest import model
from tests.models.web import Web

HARMLESS = ("propagateSizeHints", "This plugin does not support", "systemTrayWindowChanged")


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["gfpgan-desktop"]


class PatientBot(QtBot):
    """Waits for as long as it takes, for the speed of a machine decides no test."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = 1000 * PATIENCE) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = 1000 * PATIENCE, **options: Any) -> Any:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitSignals(self, signals: Any, *, timeout: int = 1000 * PATIENCE, **options: Any) -> Any:  # noqa: N802
        return super().waitSignals(signals, timeout=timeout, **options)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def only_model(monkeypatch: pytest.MonkeyPatch, own_models_folder: Path) -> Callable[[Web, str], None]:
    """Makes the model that a server has all that the catalogue holds, for the store and a module."""

    def put(web: Web, module: str) -> None:
        for each in (module, "core.models.store"):
            monkeypatch.setattr(f"{each}.catalogue", lambda: (model(web),))

    return put


@pytest.fixture(autouse=True)
def no_qt_warnings(qapp: QApplication) -> Iterator[None]:
    """Fails a test in which Qt complains, or that leaves a window."""
    told: list[str] = []

    def take(kind: QtMsgType, _: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not any(word in text for word in HARMLESS):
            told.append(text)

    before = qInstallMessageHandler(take)
    yield
    qapp.processEvents()
    qInstallMessageHandler(before)
    left = [widget for widget in qapp.topLevelWidgets() if widget.isVisible()]
    for widget in left:
        widget.hide()  # Else every test after this one would fail too.
    assert told == []
    assert [f"{widget.metaObject().className()} '{widget.windowTitle()}' {widget.size()}" for widget in left] == []


@pytest.fixture(autouse=True)
def collected_in_this_thread() -> Iterator[None]:
    """A closed window lets Python collect garbage in any thread again, but widgets of it may be in cycles: they
    have to be gone, and in this thread, before another test begins threads of its own."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def messages_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until they are answered, or other ones are more urgent: their seconds may be over before a test looks."""
    monkeypatch.setattr(message_bar, "_STAYS", 3600.0)


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    """One look for all tests."""
    apply_theme(qapp, "light")


@dataclass
class FakeEngine:
    """A detector and a restorer whose answers are set. `held` keeps the restorer waiting until it is cancelled."""

    faces: list[Face] = field(default_factory=lambda: [face_at(60, 50, 70), face_at(140, 60, 60)])
    detected: int = 0
    restored: int = 0
    opened: list[tuple[str | None, str]] = field(default_factory=list)
    failing: set[int] = field(default_factory=set)
    held: bool = False
    cancel: CancelToken | None = None
    meter: IdentityMeter | None = None

    def detect(
        self, image: np.ndarray, min_face: float | None = None, cancel: CancelToken | None = None
    ) -> list[Face]:
        self.detected += 1
        self.cancel = cancel
        if cancel is not None:
            cancel.raise_if_cancelled()
        return [face for face in self.faces if face.box[2] < image.shape[1]]

    def restore(self, crops: list[FaceCrop]) -> list[FaceCrop]:
        self.restored += len(crops)
        if self.held:
            # As a network does, it cannot be interrupted; the pipeline polls between batches.
            import time

            deadline = time.monotonic() + PATIENCE
            while self.held and time.monotonic() < deadline:
                time.sleep(0.01)
        if self.restored in self.failing:
            raise RestorationError("The model gave no usable picture of any face.")
        return [replace(crop, restored=flat((200, 40, 40), crop.pixels.dtype.type)) for crop in crops]

    def open(self, model: str | None, background: str) -> Assembly:
        self.opened.append((model, background))
        pipeline = RestorationPipeline(self, self, meter=self.meter)  # type: ignore[arg-type]
        return Assembly(pipeline, {"restorer": model or "fake"}, Target("pytorch", "cpu"))


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def bench(qtbot: QtBot, engine: FakeEngine, tmp_path: Path) -> Iterator[Workbench]:
    """A workbench on the fake engine."""
    made = Workbench(engine.open, tmp_path / "session")
    yield made
    engine.held = False
    made.close()


@pytest.fixture
def make_photos(tmp_path: Path) -> Callable[..., list[Path]]:
    """Writes photos of 200 x 120 px."""

    def make(count: int = 1, size: tuple[int, int] = (200, 120)) -> list[Path]:
        paths = []
        for number in range(count):
            path = tmp_path / f"photo {number}.png"
            cv2.imwrite(str(path), smooth_photo(*size, seed=number))
            paths.append(path)
        return paths

    return make
