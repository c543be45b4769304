"""Reads damaged files for as long as you like: `python -m tests.fuzz --seconds 600 --seed 7`."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.harness import PIXELS, read_damaged
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import SEEDS, write_seeds

COUNT = 500
"""Files of a kind that one child process reads."""


def main() -> int:
    """Read files of each kind in turn, and keep those with a problem; returns 1 where there are any."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1, help="another one gives other files")
    parser.add_argument("--kinds", nargs="+", choices=list(SEEDS), default=list(SEEDS))
    parser.add_argument("--max-pixels", type=int, default=PIXELS)
    parser.add_argument("--keep", type=Path, help="folder for the files with a problem")
    options = parser.parse_args()
    begin, files, problems = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.kinds:
            write_seeds(kind, Path(folder) / kind)
        for first, kind in ((first, kind) for first in itertools.count(0, COUNT) for kind in options.kinds):
            if time.monotonic() - begin > options.seconds:
                break
            seeds = Path(folder) / kind
            report = read_damaged(kind, seeds, COUNT, options.seed, first, options.max_pixels)
            files += COUNT
            problems += len(report.problems)
            for number, problem in report.problems.items():
                print(f"{kind} {options.seed} {number}: {problem}", flush=True)
                if options.keep is not None:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    originals = [path.read_bytes() for path in sorted(seeds.iterdir())]
                    data = mutated(kind, originals, options.seed, number)
                    (options.keep / f"{kind}-{options.seed}-{number}").write_bytes(data)
    print(f"{files} files, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
