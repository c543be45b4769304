"""The program as its user has it: a real window on a real (virtual) screen, driven by keys and pointer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image

from core.photo import read_photo
from tests.conftest import SAMPLES

T = TypeVar("T")
TOOLS = ("Xvfb", "xdotool", "openbox", "import")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="needs X11")]


class Desktop:
    """A screen of its own with a window manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as told:
            self.display = f":{told.readline().strip()}"
        self.environment = {
            **os.environ,
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "GFPGAN_DESKTOP_DATA": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self._manager = self._managed()
        self._programs: list[subprocess.Popen[str]] = []

    def _managed(self) -> subprocess.Popen[bytes]:
        """A window manager that is at work."""
        for _ in range(10):
            manager = subprocess.Popen(["openbox"], env=self.environment, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 5
            while manager.poll() is None and time.monotonic() < deadline:
                command = ["xdotool", "get_num_desktops"]
                asked = subprocess.run(command, env=self.environment, capture_output=True, timeout=10)
                if asked.stdout.strip().isdigit():
                    return manager
                time.sleep(0.1)
            manager.kill()
            manager.wait()
        raise AssertionError("no window manager starts")

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Start the program."""
        program = subprocess.Popen(
            [sys.executable, "-m", "app", *map(str, arguments)],
            cwd=SAMPLES.parent.parent,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._programs.append(program)
        return program

    def do(self, *arguments: object) -> str:
        """Run xdotool."""
        command = ["xdotool", *map(str, arguments)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60).stdout

    def window(self, name: str) -> str:
        """The number of the window with this title, once it is there."""
        return self.until(lambda: self.do("search", "--onlyvisible", "--name", name).split()[-1:])[0]

    def press(self, window: str, keys: str) -> None:
        """Press keys in a window, which is brought to the front: a window manager under load may not have done it."""
        self.do("windowactivate", window)
        self.do("key", "--window", window, keys)

    def picture(self) -> np.ndarray:
        """What is on the screen."""
        path = self._folder / "screen.png"
        command = ["import", "-window", "root", str(path)]
        subprocess.run(command, env=self.environment, check=True, timeout=60, capture_output=True)
        return np.asarray(Image.open(path).convert("RGB")).astype(int)

    def until(self, what: Callable[[], T], seconds: float = 90.0) -> T:
        """What `what` returns once that is something."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := what():
                return found
            time.sleep(0.1)
        raise AssertionError(f"it did not happen in time; {self._state()}")

    def _state(self) -> str:
        """What somebody in front of the screen would tell."""
        names = [self.do("getwindowname", window) for window in self.do("search", "--onlyvisible", ".").split()]
        active = self.do("getactivewindow", "getwindowname")
        self.picture()
        logs = [path.read_text("utf-8")[-2000:] for path in self._folder.rglob("log.txt")]
        return f"windows {names}, active {active!r}, screen in {self._folder}, log:\n{logs}"

    def close(self) -> None:
        """End everything."""
        for process in [*self._programs, self._manager, self._server]:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} not installed")
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    made = Desktop(tmp_path)
    yield made
    made.close()


def test_a_photo_is_opened_restored_compared_and_exported(desktop: Desktop, tmp_path: Path) -> None:
    photo = tmp_path / "wallet-photo.jpg"
    shutil.copy(SAMPLES / "wallet-photo.jpg", photo)
    program = desktop.start(photo)
    window = desktop.window("wallet-photo.jpg")
    desktop.do("windowactivate", "--sync", window)
    desktop.do("windowsize", "--sync", window, 1280, 800)
    crops = tmp_path / "data" / "session" / "crops"

    def restored() -> bool:
        if not any(crops.rglob("*.npz")):
            desktop.press(window, "ctrl+r")
            time.sleep(1)
        return any(crops.rglob("*.npz"))

    desktop.until(restored, 180)
    time.sleep(2)
    # Drag the divider to both sides: what is on the screen changes where the face is.
    geometry = desktop.do("getwindowgeometry", "--shell", window)
    x, y = (int(line.split("=")[1]) for line in geometry.splitlines()[1:3])
    middle, height = x + 480, y + 330

    def with_divider_at(start: int, end: int) -> np.ndarray:
        desktop.do("mousemove", start, height, "mousedown", 1)
        for at in np.linspace(start, end, 8).astype(int):
            desktop.do("mousemove", at, height)
            time.sleep(0.02)
        desktop.do("mouseup", 1)
        time.sleep(0.5)
        return desktop.picture()

    right = with_divider_at(middle, middle + 430)
    left = with_divider_at(middle + 430, middle - 430)
    view = (slice(y + 120, y + 560), slice(x + 80, x + 880))
    assert (np.abs(right - left)[view].max(axis=2) > 12).sum() > 200
    desktop.press(window, "ctrl+e")
    dialog = desktop.window("Export 1 photo")
    desktop.do("windowactivate", "--sync", dialog)
    desktop.press(dialog, "Return")
    desktop.until(lambda: [str(path) for path in tmp_path.glob("wallet-photo-restored.jpg")])
    after, before = read_photo(tmp_path / "wallet-photo-restored.jpg"), read_photo(photo)
    assert after.size == before.size
    assert np.abs(after.rgb.astype(int) - before.rgb).max() > 40
    desktop.do("windowactivate", "--sync", window)
    desktop.press(window, "ctrl+q")
    output, _ = program.communicate(timeout=60)
    assert program.returncode == 0, output
    assert "Traceback" not in output


def test_killed_in_the_middle_of_a_queue_it_goes_on(desktop: Desktop, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    picture = Image.open(SAMPLES / "wallet-photo.jpg")
    for number in range(4):
        picture.rotate(number, expand=False).save(folder / f"{number}.jpg", quality=90)
    program = desktop.start(folder)
    window = desktop.window("0.jpg")
    desktop.do("windowactivate", "--sync", window)
    journal = tmp_path / "data" / "session" / "photos.json"
    crops = tmp_path / "data" / "session" / "crops"

    def begun() -> bool:
        if not any(crops.rglob("*.npz")):
            desktop.press(window, "ctrl+shift+r")
            time.sleep(0.5)
        return any(crops.rglob("*.npz"))

    desktop.until(begun, 180)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert not list(folder.glob("*restored*"))
    assert journal.stat().st_size > 100
    kept = {path: path.stat().st_ino for path in crops.rglob("*.npz")}  # another file where it is written again
    again = desktop.start()
    window = desktop.window("GFP-GAN Desktop")
    desktop.do("windowactivate", "--sync", window)
    desktop.do("windowsize", "--sync", window, 1280, 800)
    time.sleep(1.5)
    geometry = desktop.do("getwindowgeometry", "--shell", window)
    x, y = (int(line.split("=")[1]) for line in geometry.splitlines()[1:3])
    width = int(geometry.splitlines()[3].split("=")[1])

    def going_on() -> bool:
        # The button of the message bar; its place depends on the font.
        for at in range(width - 60, width - 300, -40):
            desktop.do("mousemove", x + at, y + 105, "click", 1)
        time.sleep(1)
        return len(list(crops.rglob("*.npz"))) >= 4

    desktop.until(going_on, 120)
    assert all(path.stat().st_ino == file for path, file in kept.items()), "done once is done"
    again.kill()
