"""docs/quality.md: where its tables come from."""

import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest

from trainer.scoring.meters import Metric
from trainer.scoring.pictures import write_crop
from trainer.scoring.scores import Report, Scores

DOCS = Path(__file__).parents[1] / "docs"


def test_tables_are_written_into_their_section() -> None:
    written = runpy.run_path(str(DOCS / "quality.py"))["written"]
    page = (DOCS / "quality.md").read_text("utf-8")
    assert "| Input |" in page
    changed = written(page, "bundled-restorer", r"new \1 table")
    assert "<!-- bundled-restorer -->\n\nnew \\1 table\n<!-- end -->" in changed
    assert changed.split("<!--")[0] == page.split("<!--")[0]
    with pytest.raises(ValueError, match="no section 'other'"):
        written(page, "other", "")


def test_faces_are_grouped_by_the_severity_of_their_input(tmp_path: Path, portrait: np.ndarray) -> None:
    by_severity = runpy.run_path(str(DOCS / "quality.py"))["by_severity"]
    faces = [f"face {number}" for number in range(16)]
    truth = tmp_path / "truth.png"
    write_crop(truth, portrait)
    pictures = {}
    for number, face in enumerate(faces):
        path = tmp_path / f"{face}.png"
        write_crop(path, cv2.GaussianBlur(portrait, (0, 0), 1 + number))
        pictures[face] = str(path)
    psnr = Metric("psnr", "PSNR", higher_is_better=True, digits=1)
    rows = [("Input", None, None), ("M", "M", 1.0), ("M, strength auto", "M", None)]
    methods = [
        Scores(
            name,
            {"psnr": [float(n) for n in range(16)]},
            {},
            dict.fromkeys(faces, str(truth)) if model else pictures,
            model,
            strength,
        )
        for name, model, strength in rows
    ]
    lines = by_severity(Report({}, faces, [psnr], methods, [])).splitlines()
    assert lines[0] == "| Agreement | PSNR: Input, strength 1, auto |"
    assert len(lines) == 10
    # The most blurred pair has the highest numbers here.
    assert lines[2].endswith("| 14.5, 14.5, 14.5 |")
    assert lines[-1].endswith("| 0.5, 0.5, 0.5 |")
