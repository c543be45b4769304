"""A folder of good and of damaged photos, through the command line."""

import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.exit_codes import SOME_FAILED
from core.errors import PhotoError
from core.photo import read_photo
from tests.conftest import PATIENCE, SAMPLES
from tests.fuzz.harness import ROOT
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import SEEDS

BAD = 60
KINDS = {"jpeg": ".jpg", "png": ".png", "webp": ".webp", "tiff": ".tif", "heic": ".heic", "avif": ".avif"}
KINDS |= {"jpeg-cmyk": ".jpeg", "png-deep": ".png", "bmp": ".bmp", "gif": ".gif", "jpeg2000": ".jp2"}


def write_unreadable(folder: Path, count: int) -> set[str]:
    """Write so many damaged files that are no photos; returns their names."""
    seeds = {kind: SEEDS[kind]() for kind in KINDS}
    names: set[str] = set()
    for number, kind in ((number, kind) for number in itertools.count() for kind in KINDS):
        path = folder / f"{kind}-{number}{KINDS[kind]}"
        path.write_bytes(mutated(kind, seeds[kind], 11, number))
        try:
            read_photo(path)
            path.unlink()
        except PhotoError:
            names.add(path.name)
        if len(names) == count:
            return names
    raise AssertionError


@pytest.mark.slow
def test_the_good_ones_are_restored_and_each_bad_one_has_its_sentence(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    bad = write_unreadable(folder, BAD)
    good = {path.name for path in SAMPLES.glob("*.jpg")}
    assert len(good) >= 3
    for name in good:
        shutil.copy(SAMPLES / name, folder)
    done = subprocess.run(
        [sys.executable, "-m", "app", "restore", folder, "-o", out, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == SOME_FAILED
    assert "Traceback" not in done.stdout + done.stderr
    told = {Path(record["input"]).name: record for record in map(json.loads, done.stdout.splitlines())}
    assert set(told) == good | bad
    assert {name for name, record in told.items() if record["error"] is None} == good
    for name in bad:
        assert str(folder / name) in told[name]["error"]
        assert told[name]["error"].endswith(".")
    assert {path.name for path in out.iterdir()} == good
