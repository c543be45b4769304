"""Has damaged files read in child processes, which crash and hang in this one's place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIXELS = 2_000_000
"""The limit that files are read with: what claims a large picture is refused, as it is with the usual limit."""


@dataclass
class Report:
    """How many files became a photo or a sentence, and what is wrong, by the file's number."""

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: dict[int, str] = field(default_factory=dict)


def read_damaged(
    kind: str, seeds: Path, count: int, seed: int = 1, first: int = 0, max_pixels: int = PIXELS
) -> Report:
    """Have `count` damaged files of a kind read, made of the files in the folder `seeds`."""
    report, end = Report(), first + count
    while first < end:
        numbers = map(str, (seed, first, end - first, max_pixels))
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.reading", kind, str(seeds), *numbers],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},  # LibRaw's, of which small pictures need none
            capture_output=True,
            text=True,
            errors="replace",
        )
        begun = first
        for line in done.stdout.splitlines():
            if line.isdecimal():
                begun = int(line)
                continue
            told = json.loads(line)
            report.outcomes[told["outcome"]] += 1
            if told["problem"]:
                report.problems[begun] = told["problem"]
        if done.returncode == 0:
            break
        report.problems[begun] = f"the process ended with {done.returncode}: {done.stderr[-3000:]}"
        first = begun + 1
    return report
