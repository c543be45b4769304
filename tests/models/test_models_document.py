"""docs/models.md and the catalogue say the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.models import catalogue
from tests.conftest import PATIENCE

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "models.md").read_text("utf-8")


def test_the_table_is_the_catalogues() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "catalogue.py"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    assert DOCUMENT.endswith("\n\n" + done.stdout)


@pytest.mark.parametrize("info", catalogue(), ids=lambda info: info.name)
def test_non_commercial_licences_are_marked(info: object) -> None:
    (row,) = [line for line in DOCUMENT.splitlines() if line.startswith(f"| `{info.name}` |")]  # type: ignore[attr-defined]
    assert row.endswith("⚠ |") == info.non_commercial == ("non-commercial" in row)  # type: ignore[attr-defined]


def test_what_networks_need_is_measured() -> None:
    unmeasured = [
        info.name
        for info in catalogue()
        if info.memory_mb is None and info.kind in ("restorer", "detector", "parser", "upscaler")
    ]
    assert not unmeasured
