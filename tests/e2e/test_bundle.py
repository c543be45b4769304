"""The bundle as somebody has it who never heard of Python. GFPGAN_DESKTOP_BUNDLE names its archive
(`python3 tasks.py bundle` makes it); without it there is nothing to test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SAMPLES
from tests.e2e.desktop import Desktop, require_tools
from tests.e2e.test_real_window import restore_compare_and_export

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
        self.command: list[str] = [str(self.program)]
        if os.geteuid() == 0:
            shutil.chown(self.folder, NOBODY, NOBODY)
            self.command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *self.command]
        self.variables = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}

    def photo(self, name: str = "wallet-photo.jpg") -> Path:
        """A sample, in the user's home."""
        path = self.folder / name
        shutil.copy(SAMPLES / "wallet-photo.jpg", path)
        return path

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run the program in a terminal."""
        command = [*self.command, *map(str, arguments)]
        return subprocess.run(
            command, cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=300
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
    subprocess.run(["sh", str(script)], env=home.variables, check=True, timeout=60)
    entry = home.folder / ".local/share/applications/gfpgan-desktop.desktop"
    assert f'Exec="{home.program}" %F' in entry.read_text("utf-8").splitlines()
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", str(entry)], check=True)
    subprocess.run(["sh", str(script), "--remove"], env=home.variables, check=True, timeout=60)
    assert not entry.exists()


def test_it_tells_its_licences_and_holds_nothing_under_the_gpl(home: Home) -> None:
    done = home.run("licences", "PySide6", "torch", "bundled-detector")
    assert done.returncode == 0, done.stderr
    for words in ("GNU LESSER GENERAL PUBLIC LICENSE", "Facebook", "FFHQ"):
        assert words in done.stdout
    folder = home.program.parent
    assert (folder / "licences" / "PySide6" / "LGPL-3.0.txt").is_file()
    assert not [path.name for path in folder.rglob("*x26[45]*")]
