"""What a benchmark found, as records that go to JSON and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Samples:
    """Measured values, in `unit`."""

    values: list[float]
    unit: str = "s"

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest."""
        return min(self.values), max(self.values)


@dataclass(frozen=True)
class Check:
    """One target: what was asked, what came out, and whether that will do."""

    target: str
    measured: str
    met: bool


def at_least(wanted: float, value: float, what: str, digits: int = 1) -> Check:
    """A check that `value` is not below `wanted`; `what` has a place {} for both."""
    return Check(f"at least {what.format(f'{wanted:g}')}", what.format(f"{value:.{digits}f}"), value >= wanted)


def at_most(wanted: float, value: float, what: str, digits: int = 1) -> Check:
    """A check that `value` is not above `wanted`; `what` has a place {} for both."""
    return Check(f"at most {what.format(f'{wanted:g}')}", what.format(f"{value:.{digits}f}"), value <= wanted)


@dataclass(frozen=True)
class Row:
    """One line of the table. `floor` is in the unit of `ours`, and `floor_is` says what it is made of.

    `facts` are sentences on what else was seen; `points` what a plot needs.
    """

    name: str
    what: str
    checks: list[Check]
    ours: Samples
    peer: Samples | None = None
    peer_is: str = ""
    floor: float | None = None
    floor_is: str = ""
    facts: list[str] = field(default_factory=list)
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """How many times the peer's median is ours."""
        return self.peer.median / self.ours.median if self.peer else None

    @property
    def met(self) -> bool:
        """Whether every target is met."""
        return all(check.met for check in self.checks)


def row_from_json(content: dict[str, Any]) -> Row:
    """The inverse of `dataclasses.asdict`."""
    return Row(
        **content
        | {
            "checks": [Check(**check) for check in content["checks"]],
            "ours": Samples(**content["ours"]),
            "peer": Samples(**content["peer"]) if content["peer"] else None,
            "points": {name: [(x, y) for x, y in points] for name, points in content["points"].items()},
        }
    )


@dataclass(frozen=True)
class Results:
    """The rows measured on one machine, by name."""

    machine: dict[str, str]
    rows: dict[str, Row]


def read_results(path: Path) -> Results | None:
    """What an earlier run wrote, None where there is nothing."""
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return Results(content["machine"], {name: row_from_json(row) for name, row in content["rows"].items()})


def write_results(results: Results, path: Path) -> None:
    """As JSON that a person can read and compare."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(results), indent=1) + "\n", encoding="utf-8")


def psnr(image: np.ndarray, reference: np.ndarray, full: float) -> float:
    """Peak signal-to-noise ratio in dB; `full` is the range of the values."""
    error = float(np.mean((np.asarray(image, np.float64) - reference) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(full**2 / error))


@dataclass(frozen=True)
class Line:
    """A straight line through points, and how much of their variance it explains."""

    slope: float
    start: float
    r_squared: float


def fit_line(points: Sequence[tuple[float, float]]) -> Line:
    """The line of least squares. ValueError for fewer than two different x."""
    x, y = np.array(points, np.float64).T
    if len(np.unique(x)) < 2:
        raise ValueError("a line needs two points")
    slope, start = np.polyfit(x, y, 1)
    rest, spread = np.sum((y - slope * x - start) ** 2), np.sum((y - y.mean()) ** 2)
    return Line(float(slope), float(start), 1.0 if spread == 0 else float(1 - rest / spread))
