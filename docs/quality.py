"""Writes what an evaluation measured into docs/quality.md: python docs/quality.py SECTION REPORT.json

SECTION names a place in the page, between `<!-- SECTION -->` and `<!-- end -->`; what was there is replaced. Where
its name ends with `-by-severity` the faces are in groups by the severity of their degradation.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from statistics import fmean

import numpy as np

from core.severity import agreement
from trainer.scoring.pictures import read_crop
from trainer.scoring.scores import INPUT, Report, read_report
from trainer.scoring.tables import markdown

GROUPS = 8
SHOWN = ("deg_other", "features", "psnr")

PAGE = Path(__file__).parent / "quality.md"


def written(page: str, section: str, text: str) -> str:
    """The page with `text` in a section. Raises ValueError where it has none of that name."""
    place = re.compile(rf"(<!-- {re.escape(section)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if place.search(page) is None:
        raise ValueError(f"{PAGE.name} has no section '{section}'")
    return place.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", page)


def by_severity(report: Report) -> str:
    """A table of the faces in eight groups, from those least like their restored ones (`core.severity`)."""
    methods = [scores for scores in report.methods if scores.name == INPUT or scores.model is not None]
    metrics = [metric for key in SHOWN for metric in report.metrics if metric.key == key]
    full = next(scores for scores in methods if scores.strength == 1)
    pictures = ([read_crop(Path(of.pictures[face])) for of in (methods[0], full)] for face in report.faces)
    levels = [agreement(*pair) for pair in pictures]
    names = [INPUT, *("auto" if of.strength is None else f"strength {of.strength:g}" for of in methods[1:])]
    head = ["Agreement", *(f"{metric.title}: {', '.join(names)}" for metric in metrics)]
    lines = [head, ["---"] * len(head)]
    for group in np.array_split(np.argsort(levels), GROUPS):
        of_group = [levels[face] for face in group]
        cells = [f"{min(of_group):.2f} to {max(of_group):.2f}"]
        for metric in metrics:
            values = [[scores.values[metric.key][face] for face in group] for scores in methods]
            means = [fmean(value for value in row if value is not None) for row in values]
            cells.append(", ".join(f"{mean:.{metric.digits}f}" for mean in means))
        lines.append(cells)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("section", metavar="SECTION")
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    options = parser.parse_args()
    table = by_severity if options.section.endswith("-by-severity") else markdown
    page = written(PAGE.read_text("utf-8"), options.section, table(read_report(options.report)))
    PAGE.write_text(page, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
