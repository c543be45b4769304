"""Writes what an evaluation measured into docs/quality.md: python docs/quality.py SECTION REPORT.json

SECTION names a place in the page, between `<!-- SECTION -->` and `<!-- end -->`; what was there is replaced.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from trainer.scoring.scores import read_report
from trainer.scoring.tables import markdown

PAGE = Path(__file__).parent / "quality.md"


def written(page: str, section: str, text: str) -> str:
    """The page with `text` in a section. Raises ValueError where it has none of that name."""
    place = re.compile(rf"(<!-- {re.escape(section)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if place.search(page) is None:
        raise ValueError(f"{PAGE.name} has no section '{section}'")
    return place.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("section", metavar="SECTION")
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    options = parser.parse_args()
    page = written(PAGE.read_text("utf-8"), options.section, markdown(read_report(options.report)))
    PAGE.write_text(page, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
