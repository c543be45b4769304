"""The bundle as somebody has it who never heard of Python. GFPGAN_DESKTOP_BUNDLE names its archive
(`python3 tasks.py bundle` makes it); without it there is nothing to test."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import PATIENCE, SAMPLES
from tests.e2e.desktop import Desktop, require_tools
from tests.e2e.test_real_window import restore_compare_and_export
from tests.trainer.conftest import soft_dataset
from trainer.events import Done, Step, decode

ARCHIVE = os.environ.get("GFPGAN_DESKTOP_BUNDLE")
NOBODY = 65534
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ARCHIVE, reason="GFPGAN_DESKTOP_BUNDLE names no bundle")]


class Home:
    """A home of a user who has the bundle in a folder that nobody may write to, and nothing else."""

    def __init__(self, folder: Path) -> None:
        assert ARCHIVE is not None
        programs = folder / "Programme von Käthe"
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(programs, filter="data")
        self.program = programs / "gfpgan-desktop" / "gfpgan-desktop"
        subprocess.run(["chmod", "-R", "a-w,a+rX", str(programs)], check=True)
        self.folder = folder / "Käthe"
        self.folder.mkdir()
        # Another user than the one who built it, where the tests may become one.
        self.as_user: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, NOBODY, NOBODY)
            self.as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        self.command = [*self.as_user, str(self.program)]
        self.variables = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}

    def give(self, path: Path) -> Path:
        """Make what a test put into the home this user's own."""
        for each in [path, *path.rglob("*")]:
            if os.geteuid() == 0:
                shutil.chown(each, NOBODY, NOBODY)
        return path

    def photo(self, name: str = "wallet-photo.jpg") -> Path:
        """A sample, in the user's home."""
        path = self.folder / name
        shutil.copy(SAMPLES / "wallet-photo.jpg", path)
        return path

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run the program in a terminal."""
        command = [*self.command, *map(str, arguments)]
        return subprocess.run(
            command, cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=PATIENCE
        )


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Home(Path(folder))
        subprocess.run(["chmod", "-R", "u+w", folder], check=True)


def test_the_command_line_restores_a_photo(home: Home) -> None:
    done = home.run("restore", home.photo("Oma.jpg"), "-o", home.folder / "out", "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["status"] == "done"
    assert record["faces"][0]["restored"]
    assert "Traceback" not in done.stderr


def test_the_window_restores_a_photo(home: Home) -> None:
    require_tools()
    desktop = Desktop(home.folder, home.command, home.variables)
    try:
        restore_compare_and_export(desktop, home.photo())
    finally:
        desktop.close()


def test_it_is_known_to_the_desktop(home: Home) -> None:
    script = home.program.with_name("install.sh")
    subprocess.run([*home.as_user, "sh", str(script)], env=home.variables, check=True, timeout=PATIENCE)
    entry = home.folder / ".local/share/applications/gfpgan-desktop.desktop"
    assert f'Exec="{home.program}" %F' in entry.read_text("utf-8").splitlines()
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", str(entry)], check=True)
    subprocess.run(
        [*home.as_user, "sh", str(script), "--remove"], env=home.variables, check=True, timeout=PATIENCE
    )
    assert not entry.exists()


def test_it_tells_its_licences_and_holds_nothing_under_the_gpl(home: Home) -> None:
    done = home.run("licences", "PySide6", "torch", "bundled-detector")
    assert done.returncode == 0, done.stderr
    for words in ("GNU LESSER GENERAL PUBLIC LICENSE", "Facebook", "FFHQ"):
        assert words in done.stdout
    folder = home.program.parent
    assert (folder / "licences" / "PySide6" / "LGPL-3.0.txt").is_file()
    assert not [path.name for path in folder.rglob("*x26[45]*")]


def test_a_window_is_there_at_once_and_quits(home: Home) -> None:
    require_tools()
    desktop = Desktop(home.folder, home.command, home.variables)
    try:
        seconds = [seconds_to_window(desktop) for _ in range(6)]
    finally:
        desktop.close()
    print(f"seconds to the window: {statistics.median(seconds[1:])}, after a first start of {seconds[0]}")


def seconds_to_window(desktop: Desktop) -> float:
    """From the start of the program until its window is mapped; then it is told to quit, and must."""
    start = time.perf_counter()
    program = desktop.start()
    window = desktop.window("GFP-GAN Desktop")
    seconds = time.perf_counter() - start
    desktop.quit(window, program)
    output, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, output
    return round(seconds, 2)


def test_it_trains_with_processes_that_read_ahead_and_restores_with_the_model(home: Home) -> None:
    faces = home.give(soft_dataset(home.folder / "faces", 8))
    run = home.folder / "Käthes Modell"
    changes = ["steps=10", "batch=1", "data.workers=2", "data.held_out=2", "every.report=1"]
    options = [word for change in changes for word in ("--set", change)]
    command = [
        *home.command,
        "--train-worker",
        "--preset",
        "quick",
        "--data",
        str(faces),
        "--out",
        str(run),
        *options,
    ]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command,
            cwd=home.folder,
            env=home.variables,
            stdin=subprocess.PIPE,  # its end would mean that the window is gone
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as child,
    ):
        helpers = 0
        events = []
        for line in child.stdout or ():
            events.append(decode(line))
            if isinstance(events[-1], Step):
                helpers = max(helpers, len(psutil.Process(child.pid).children(recursive=True)))
        child.wait(PATIENCE)
        errors.seek(0)
        said = errors.read()
    assert child.returncode == 0, f"{said}\n{events[-2:]}"
    assert "Traceback" not in said
    assert len([event for event in events if isinstance(event, Step)]) == 10
    assert helpers >= 2
    done = events[-1]
    assert isinstance(done, Done)
    assert done.state == "finished"
    restored = home.run("restore", home.photo("Opa.jpg"), "-o", home.folder / "by own model", "--model", done.name)
    assert restored.returncode == 0, restored.stderr
    assert (home.folder / "by own model" / "Opa.jpg").exists()
