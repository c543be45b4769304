"""Restoring, measured side by side with GFPGAN: speed, memory, starting.

    python benchmarks/restore.py [--only ROW ...] [--repeats 5] [--threads N] [--photos FOLDER] [--quick]

The first run installs GFPGAN into the user's cache folder and makes 0.5 GB of weights there. Every row that is
measured replaces the one of an earlier run in `benchmarks/results/restore.json`, so that a long run can be split;
`docs/benchmarks.md` is then written from that file. Leave the machine alone meanwhile. --quick tries it all on
small photos, and keeps nothing.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import psutil
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.restoring.bench import Bench
from benchmarks.restoring.children import ROOT
from benchmarks.restoring.floors import measure_rates
from benchmarks.restoring.peer_packages import PEER
from benchmarks.restoring.report import Results, Row, read_results, write_results
from benchmarks.restoring.rows import cost_of_faces, many_photos, memory, whole_photo
from benchmarks.restoring.short_rows import (
    composite,
    first_face,
    network_bf16,
    network_fp32,
    program_help,
    recomposite,
)
from benchmarks.restoring.tables import PLOT, draw_cost, page

ROWS: dict[str, Callable[[Bench], Row]] = {
    "network-fp32": network_fp32,
    "network-bf16": network_bf16,
    "whole-photo": whole_photo,
    "many-photos": many_photos,
    "composite": composite,
    "recomposite": recomposite,
    "memory": memory,
    "cost-of-faces": cost_of_faces,
    "help": program_help,
    "first-face": first_face,
}
RESULTS = ROOT / "benchmarks" / "results" / "restore.json"
PAGE = ROOT / "docs" / "benchmarks.md"
BUSY = 10.0  # percent of the processors that others may take before a figure is called doubtful


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--repeats", type=int, default=5, help="turns of each side, of long ones fewer (5)")
    parser.add_argument("--threads", type=int, default=psutil.cpu_count(logical=False), help="of each side")
    parser.add_argument("--photos", type=Path, help="folder for the row many-photos, else it makes some up")
    parser.add_argument("--quick", action="store_true", help="small photos, one turn; nothing is kept")
    options = parser.parse_args()
    if options.quick:
        options.repeats = 1
    torch.set_num_threads(options.threads)
    machine = describe_machine(options.threads)
    earlier = read_results(RESULTS)
    rows = dict(earlier.rows) if earlier and earlier.machine == machine else {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for name in options.only:
            load = psutil.cpu_percent(interval=1)
            rates = measure_rates()
            bench = Bench(
                Path(folder), rates, options.repeats, options.threads, options.quick, options.photos, stack
            )
            row = ROWS[name](bench)
            made = {"measured": f"{datetime.now():%Y-%m-%d}", "commit": commit(), "rates": rates.as_text()}
            if load > BUSY:
                made["doubtful"] = f"others took {load:.0f} % of the processors before it began"
            rows[name] = replace(row, made=made)
            tell(rows[name])
    if not options.quick:
        keep(Results(machine, {name: rows[name] for name in ROWS if name in rows}))


def keep(results: Results) -> None:
    """Write the JSON, the page and the plot."""
    write_results(results, RESULTS)
    PAGE.write_text(page(results), encoding="utf-8")
    if "cost-of-faces" in results.rows:
        draw_cost(results.rows["cost-of-faces"], PAGE.parent / PLOT)


def tell(row: Row) -> None:
    """Print a row while the next one is measured."""
    print(f"{row.what}: {row.ours.median:.4g} {row.ours.unit} {row.ours.values}", flush=True)
    if row.peer:
        print(f"  GFPGAN {row.peer.median:.4g} {row.peer.unit} {row.peer.values}, {row.ratio:.2f} times ours")
    if row.floor is not None:
        print(f"  floor  {row.floor:.4g} {row.ours.unit}: {row.floor_is}")
    for check in row.checks:
        print(f"  {'met   ' if check.met else 'MISSED'} {check.target}: {check.measured}")
    for fact in [*row.facts, *(f"{key}: {value}" for key, value in row.made.items())]:
        print(f"  {fact}", flush=True)


def describe_machine(threads: int) -> dict[str, str]:
    """What the figures depend on."""
    return {
        "processor": f"{processor()}, {psutil.cpu_count(logical=False)} cores, {threads} threads used",
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "opencv-python")),
        "peer": ", ".join(PEER),
    }


def processor() -> str:
    """The processor's name, and what it has for fast arithmetic."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    entries = dict((part.strip() for part in line.split(":", 1)) for line in lines if ":" in line)
    fast = [
        flag for flag in entries.get("flags", "").split() if flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
    ]
    return f"{entries.get('model name', platform.machine())} ({', '.join(fast)})"


def commit() -> str:
    """The checkout's commit, with a + where files differ from it."""
    git = lambda *words: subprocess.run(  # noqa: E731
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--", "core", "app") else "")


if __name__ == "__main__":
    main()
