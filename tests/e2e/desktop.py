"""A real (virtual) screen with a window manager, and a user in front of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image

from tests.conftest import PATIENCE, SAMPLES

T = TypeVar("T")
TOOLS = ("Xvfb", "xdotool", "openbox", "import")
PROGRAM = (sys.executable, "-m", "app")


def require_tools() -> None:
    """Skip the test where the tools are not installed; in CI, fail it."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} not installed")
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")


class Desktop:
    """A screen of its own with a window manager. `program` is what is started on it, `variables` its environment
    besides the screen and folders for its data."""

    def __init__(
        self,
        folder: Path,
        program: Sequence[str] = PROGRAM,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._folder, self._program = folder, program
        self.data = folder / "data"
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
            **(os.environ if variables is None else variables),
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "GFPGAN_DESKTOP_DATA": str(self.data),
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
                asked = subprocess.run(command, env=self.environment, capture_output=True, timeout=PATIENCE)
                if asked.stdout.strip().isdigit():
                    return manager
                time.sleep(0.1)
            manager.kill()
            manager.wait()
        raise AssertionError("no window manager starts")

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Start the program."""
        program = subprocess.Popen(
            [*self._program, *map(str, arguments)],
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
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE
        ).stdout

    def window(self, name: str) -> str:
        """The number of the window with this title, once it is there."""
        return self.until(lambda: self.do("search", "--onlyvisible", "--name", name).split()[-1:])[0]

    def press(self, window: str, keys: str) -> None:
        """Press keys in a window that is brought to the front: a busy window manager may not have done it yet."""
        # xdotool sometimes leaves the modifiers of the keys before held down.
        self.do("keyup", "ctrl", "keyup", "shift", "keyup", "alt")
        # A window manager that does not listen (yet) gives no focus: it is set besides.
        self.do("windowactivate", window)
        self.do("windowfocus", window)
        self.do("key", "--window", window, keys)
        # Where the window closes at a key xdotool fails before it lets go of it, and the next window hears it.
        self.do(*(word for key in keys.split("+") for word in ("keyup", key)))

    def quit(self, window: str, program: subprocess.Popen[str]) -> None:
        """Press Ctrl+Q until the program ends: a window that has just come may not hear it yet."""

        def ended() -> bool:
            self.press(window, "ctrl+q")
            with suppress(subprocess.TimeoutExpired):
                program.wait(2)
            return program.poll() is not None

        self.until(ended)

    def picture(self) -> np.ndarray:
        """What is on the screen."""
        path = self._folder / "screen.png"
        command = ["import", "-window", "root", str(path)]
        subprocess.run(command, env=self.environment, check=True, timeout=PATIENCE, capture_output=True)
        return np.asarray(Image.open(path).convert("RGB")).astype(int)

    def until(self, what: Callable[[], T]) -> T:
        """What `what` returns once that is something."""
        deadline = time.monotonic() + PATIENCE
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
        manager = self._manager.poll()
        return (
            f"windows {names}, active {active!r}, window manager {manager}, screen in {self._folder}, log:\n{logs}"
        )

    def close(self) -> None:
        """End everything."""
        for process in [*self._programs, self._manager, self._server]:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
