"""docs/quality.md: where its tables come from."""

import runpy
from pathlib import Path

import pytest

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
