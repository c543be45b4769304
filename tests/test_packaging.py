"""The wheel and the sdist: what is in them, and that one makes the other."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import PATIENCE

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "core", "trainer", "resources")


def built(kind: str, source: Path, folder: Path) -> Path:
    """Build with the project's own build backend, without a network."""
    folder.mkdir()
    code = f"import hatchling.build, sys; print(hatchling.build.build_{kind}(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return folder / done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_the_wheel_holds_the_program_and_the_sdist_makes_the_same(tmp_path: Path) -> None:
    wheel = built("wheel", ROOT, tmp_path / "wheel")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    assert names == {path.relative_to(ROOT).as_posix() for path in files if path.parent.name != "__pycache__"}
    assert {name.split("/")[0] for name in names} == set(PACKAGES)
    assert {"resources/models.json", "resources/weights/bundled-restorer.safetensors"} <= names
    assert not [name for name in names if Path(name).name.startswith("test")]
    sdist = built("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    assert {"tests", "docs", "tasks.py", "CHANGELOG.md"} <= {each.name for each in source.iterdir()}
    assert built("wheel", source, tmp_path / "again").read_bytes() == wheel.read_bytes()
