"""The program works for a long time and is killed again and again: what leaks, and what is lost?

    python -m benchmarks.soak [--only NAME ...] [--photos 1000] [--kills 40] [--seed 0]

Each part replaces the one of an earlier run in `benchmarks/results/soak.json`, so that a long run can be split;
`docs/reliability.md` is then written from that file. It takes about half an hour on an idle core.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path

from benchmarks.restore import commit, describe_machine
from benchmarks.soaking.killing import Findings, Work, kill_again_and_again
from benchmarks.soaking.material import ROOT, Place
from benchmarks.soaking.other_works import Training, downloading
from benchmarks.soaking.page import page
from benchmarks.soaking.photo_works import Exporting, Queue, Restoring
from benchmarks.soaking.steady import Course, through_the_command_line, through_the_queue

COURSES: dict[str, Callable[[Place, int], Course]] = {
    "command line": through_the_command_line,
    "queue of the window": through_the_queue,
}
WORKS: dict[str, Callable[[Place, Findings, ExitStack], Work]] = {
    "restore": lambda place, findings, _: Restoring(place, findings),
    "queue": lambda place, findings, _: Queue(place, findings),
    "export": lambda place, findings, _: Exporting(place, findings),
    "download": lambda place, findings, stack: stack.enter_context(downloading(place, findings)),
    "training": lambda place, findings, _: Training(place, findings),
}
RESULTS = ROOT / "benchmarks" / "results" / "soak.json"
PAGE = ROOT / "docs" / "reliability.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*COURSES, *WORKS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--photos", type=int, default=1000, metavar="N", help="of each course (1000)")
    parser.add_argument("--kills", type=int, default=40, metavar="N", help="of each work (40)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments of the kills (0)")
    options = parser.parse_args()
    for name in options.only:
        part = partial(course, name, options.photos) if name in COURSES else partial(kills, name, options.kills)
        done = part() if name in COURSES else part(options.seed)
        print(f"{name}: {done}", flush=True)
        keep(name, asdict(done))


def course(name: str, photos: int) -> Course:
    """Send photos through one way of restoring them."""
    with tempfile.TemporaryDirectory() as folder:
        return COURSES[name](Place(Path(folder) / "place"), photos)


def kills(name: str, count: int, seed: int) -> Findings:
    """Kill one work so many times."""
    findings = Findings(name)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        work = WORKS[name](Place(Path(folder) / "place"), findings, stack)
        # Kept as it grows, for who does not want to wait.
        kill_again_and_again(work, count, seed, lambda: keep(name, asdict(findings)))
    return findings


def keep(name: str, done: dict[str, object]) -> None:
    """Write a part to the JSON, and the page."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    parts = {**known.get("parts", {}), name: done}
    measured = {"measured": f"{datetime.now():%Y-%m-%d}, at commit {commit()}"}
    machine = {key: text for key, text in describe_machine(1).items() if key != "peer"} | measured
    parts = {key: parts[key] for key in (*COURSES, *WORKS) if key in parts}
    RESULTS.write_text(json.dumps({"machine": machine, "parts": parts}, indent=1) + "\n", encoding="utf-8")
    courses = {key: Course(**parts[key]) for key in COURSES if key in parts}
    findings = {key: Findings(**parts[key]) for key in WORKS if key in parts}
    PAGE.write_text(page(machine, courses, findings), encoding="utf-8")


if __name__ == "__main__":
    main()
