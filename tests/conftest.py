"""What the tests share."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.alignment import FFHQ_TEMPLATE, cut_crop, fit_similarity, transform
from core.photo import read_photo
from core.types import Face, FaceCrop, Photo

SAMPLES = Path(__file__).parent.parent / "resources" / "samples"

PATIENCE = 300
"""Seconds after which what hangs is ended. No test is about them: on a slow machine anything may take long."""


class AtOnce:
    """Tells what failed right away, for a crash in a later test would take all reports along."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            terminal.write_line(f"\n{report.nodeid}, {report.when}:\n{report.longreprtext}")


def pytest_configure(config: pytest.Config) -> None:
    """Wherever a run begins."""
    config.pluginmanager.register(AtOnce(config))


@pytest.fixture(autouse=True)
def own_models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder, so that no test depends on what the machine has."""
    folder = tmp_path / "models"
    monkeypatch.setenv("GFPGAN_DESKTOP_MODELS", str(folder))
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the tests' own, empty at first; one for all, because converting takes seconds."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GFPGAN_DESKTOP_CACHE", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def nothing_left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test that logs an error nobody looked at, or that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    assert not [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not [t.name for t in threading.enumerate() if t not in before and not t.daemon]


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """The crop of a sharp portrait of Eileen Collins (NASA)."""
    from skimage.data import astronaut

    landmarks = np.array([[205.0, 102], [248, 105], [228, 128], [204, 140], [243, 142]])
    return np.asarray(cut_crop(astronaut(), fit_similarity(landmarks)))


@pytest.fixture(scope="session")
def wallet_photo() -> Photo:
    """A real photo in colour with one face of about 55 px."""
    return read_photo(SAMPLES / "wallet-photo.jpg")


@pytest.fixture
def as_plain_user(tmp_path: Path) -> Iterator[Path]:
    """A folder of somebody to whom permissions apply, and this process in their place: root may do everything."""
    if os.geteuid() != 0:
        yield tmp_path
        return
    nobody = 65534
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    os.chown(folder, nobody, nobody)
    os.seteuid(nobody)
    try:
        yield folder
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 1 MB, which may be unmounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("disks can only be mounted by root, and not in every container")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True)


def assert_ctrl_c_stops(arguments: Sequence[object], has_begun: Callable[[], bool]) -> None:
    """Run the program and press Ctrl-C once it has begun: it must say so and end as interrupted."""
    child = subprocess.Popen(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=SAMPLES.parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE
    while not has_begun() and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == 130
    assert "Traceback" not in errors
    assert "Stopped" in errors


def smooth_photo(width: int, height: int, seed: int = 0, dtype: type = np.uint8) -> np.ndarray:
    """A soft colourful picture, (height, width, 3)."""
    coarse = np.random.default_rng(seed).uniform(0.1, 0.9, (max(3, height // 40), max(3, width // 40), 3))
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.rint(np.clip(picture, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def face_at(x: float, y: float, size: float, degrees: float = 0.0, score: float = 0.99) -> Face:
    """A face whose crop is a square of `size` photo pixels around (x, y)."""
    angle, scale = np.radians(degrees), size / 512
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    to_photo = np.column_stack([linear, np.array([x, y]) - linear @ [255.5, 255.5]])
    half = 0.3 * size
    return Face((x - half, y - half, x + half, y + half), transform(to_photo, FFHQ_TEMPLATE), score)


def crop_of(
    image: np.ndarray, face: Face, restored: np.ndarray | None = None, network_size: int = 512
) -> FaceCrop:
    """The aligned crop of a face, with a restored picture."""
    matrix = fit_similarity(face.landmarks)
    return FaceCrop(face, matrix, cut_crop(image, matrix), restored, network_size)


def flat(color: tuple[int, int, int], dtype: type = np.uint8) -> np.ndarray:
    """A crop of one colour."""
    return np.full((512, 512, 3), color, dtype)
