"""Measuring folders of pictures, and what the numbers say: means with intervals, a report that files can hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from core.errors import UsageError
from core.files import read_file
from trainer.scoring.frechet import frechet_distance
from trainer.scoring.meters import FID, Meters, Metric
from trainer.scoring.pictures import Folder, Picture, read_crop

INPUT = "Input"
_RESAMPLES = 2000
_MOST_BYTES = 500_000_000


@dataclass(frozen=True)
class Method:
    """A row: its name and its pictures. `strength` is that of a restorer called `model`, None where it is what is
    advised for each face, or where there is no restorer."""

    name: str
    pictures: Folder
    model: str | None = None
    strength: float | None = None


@dataclass(frozen=True)
class Estimate:
    """The mean over `count` faces, with the ends of its 95 % interval; None where there is none."""

    mean: float
    low: float | None = None
    high: float | None = None
    count: int = 0


@dataclass(frozen=True)
class Scores:
    """What was measured of a method.

    values    metric key -> one number a face of the report, None where there is none
    of_set    the same of metrics of the whole set (FID)
    pictures  face -> path
    """

    name: str
    values: dict[str, list[float | None]]
    of_set: dict[str, float]
    pictures: dict[str, str]
    model: str | None = None
    strength: float | None = None

    def estimate(self, key: str) -> Estimate | None:
        """The mean of a metric, None where it was not measured."""
        if key in self.of_set:
            return Estimate(self.of_set[key])
        values = [value for value in self.values.get(key, []) if value is not None]
        return bootstrap(values) if values else None

    def among(self, faces: Sequence[str], other: Scores) -> Scores:
        """The same, of those of the report's `faces` alone that another method has a picture of. FID stays."""
        kept = {
            key: [value if face in other.pictures else None for face, value in zip(faces, values, strict=True)]
            for key, values in self.values.items()
        }
        return replace(self, values=kept)


@dataclass(frozen=True)
class Report:
    """All that was measured. `about` are facts on how, by name; `draws` face -> drawn parameter -> value, where
    the degradation is known."""

    about: dict[str, str]
    faces: list[str]
    metrics: list[Metric]
    methods: list[Scores]
    left_out: list[str]
    references: dict[str, str] = field(default_factory=dict)
    draws: dict[str, dict[str, float]] = field(default_factory=dict)
    ablation: bool = False

    def to_json(self) -> bytes:
        """The report, with the means beside the values, as a file holds it."""
        content = msgspec.to_builtins(self)
        for method, scores in zip(content["methods"], self.methods, strict=True):
            method["means"] = {metric.key: scores.estimate(metric.key) for metric in self.metrics}
        return msgspec.json.format(msgspec.json.encode(content))


def read_report(path: Path) -> Report:
    """What `Report.to_json` wrote. Raises PhotoError and UsageError."""
    try:
        return msgspec.json.decode(read_file(path, _MOST_BYTES), type=Report)
    except msgspec.DecodeError as error:
        raise UsageError(f"'{path}' is no report of an evaluation ({error}).") from error


def bootstrap(values: Sequence[float]) -> Estimate:
    """The mean and the percentiles 2.5 and 97.5 of the means of 2000 resamples; the same each time. Of one value
    alone there is no interval."""
    found = np.asarray(values, np.float64)
    if len(found) < 2:
        return Estimate(float(found[0]), count=1)
    chosen = np.random.default_rng(0).integers(0, len(found), (_RESAMPLES, len(found)))
    low, high = np.percentile(found[chosen].mean(axis=1), (2.5, 97.5))
    return Estimate(float(found.mean()), float(low), float(high), len(found))


def measure(
    methods: Sequence[Method],
    faces: Sequence[str],
    truths: Folder | None,
    meters: Meters,
    step: Callable[[], None],
    distribution: Folder | None = None,
) -> list[Scores]:
    """Measure every method's picture of every face; a missing one has no numbers. `step` is called after each.

    `distribution` are the pictures that FID compares with, the truths for None. Raises PhotoError, UsageError, and
    whatever `step` does.
    """
    values = [{meter.metric.key: _empty(faces) for meter in meters.each} for _ in methods]
    features: list[list[npt.NDArray[np.float64]]] = [[] for _ in methods]
    for place, face in enumerate(faces):
        truth = None if truths is None else Picture(read_crop(truths[face]))
        for method, row, seen in zip(methods, values, features, strict=True):
            if face in method.pictures:
                picture = Picture(read_crop(method.pictures[face]))
                for meter in meters.each:
                    value = meter.measure(picture, truth)
                    row[meter.metric.key][place] = value if math.isfinite(value) else None
                if meters.inception is not None:
                    seen.append(inception_features(meters.inception, picture))
            step()
    of_sets = _distances(meters, features, truths if distribution is None else distribution)
    return [
        Scores(
            method.name,
            row,
            of_set,
            {face: str(method.pictures[face]) for face in faces if face in method.pictures},
            method.model,
            method.strength,
        )
        for method, row, of_set in zip(methods, values, of_sets, strict=True)
    ]


def _empty(faces: Sequence[str]) -> list[float | None]:
    return [None] * len(faces)


def _distances(
    meters: Meters, features: list[list[npt.NDArray[np.float64]]], distribution: Folder | None
) -> list[dict[str, float]]:
    network = meters.inception
    if network is None or distribution is None or len(distribution) < 2:
        return [{} for _ in features]
    real = np.array([inception_features(network, Picture(read_crop(path))) for path in distribution.values()])
    return [{FID.key: frechet_distance(np.array(seen), real)} if len(seen) > 1 else {} for seen in features]


@torch.no_grad()
def inception_features(network: nn.Module, picture: Picture) -> npt.NDArray[np.float64]:
    """The features that FID compares, (2048,)."""
    return np.asarray(network(picture.tensor)[0].double().numpy())


def by_strength(
    scores: Scores, key: str, faces: Sequence[str], draws: Mapping[str, Mapping[str, float]], parameter: str
) -> list[tuple[float, Estimate]]:
    """A metric against a drawn parameter of the degradation: in five groups of faces of about equal number (fewer
    where there are few faces), the mean parameter and the metric's estimate."""
    known = [
        (draws[face][parameter], value)
        for face, value in zip(faces, scores.values.get(key, []), strict=False)
        if value is not None and parameter in draws.get(face, {})
    ]
    groups = np.array_split(np.array(sorted(known)).reshape(-1, 2), max(1, min(5, len(known) // 4)))
    return [(float(group[:, 0].mean()), bootstrap(group[:, 1].tolist())) for group in groups if len(group)]
