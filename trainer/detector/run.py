"""The run that makes a detector like the bundled one: `gfpgan-desktop train detector`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from facexlib.detection.retinaface import RetinaFace
from torch import nn
from torch.optim.swa_utils import AveragedModel

from core.detection import PUBLISHED_THRESHOLD
from core.errors import ModelError
from core.networks.loading import load_network, save_network
from trainer.averaging import ema_of
from trainer.checkpoint import Checkpoints
from trainer.config import Optimizer
from trainer.detector.distillation import (
    as_input,
    distillation_losses,
    guided_predictions,
    new_student,
    predictions,
)
from trainer.detector.mosaics import Pictures, mosaic
from trainer.schedule import rate_share

DETECTOR = "detector.safetensors"
SIZES = ((256, 4), (352, 2), (640, 1))
"""Sides of the mosaics in px, and how many of them make a batch: a few hundred thousand pixels each."""

WEIGHTS = {"score": 1.0, "box": 1.0, "landmark": 1.0, "feature": 5.0}


@dataclass(frozen=True)
class DetectorSettings:
    """How long and how fast.

    guided       steps at first in which each part of the network learns by itself (`guided_predictions`)
    settled      steps after which batch normalisation keeps its statistics, as it does in use
    rates        of AdamW, in the guided steps and in those after them, each lowered to 1 % along a cosine
    half         features of the guided steps in bfloat16, 1.6 times as fast on a processor that multiplies
                 matrices of it (AMX); the others are float32, as its rounding adds up from layer to layer
    every        steps between two checkpoints and two lines of the log
    """

    steps: int = 7600
    guided: int = 4000
    settled: int = 200
    rates: tuple[float, float] = (5e-3, 1e-4)
    weight_decay: float = 1e-5
    ema: float = 0.995
    half: bool = True
    seed: int = 0
    every: int = 100

    def rate(self, step: int) -> float:
        """The learning rate at a step, counted from 0."""
        guided = step < self.guided
        done, steps = (step, self.guided) if guided else (step - self.guided, self.steps - self.guided)
        schedule = Optimizer(schedule="cosine", final=0.01, warmup=50)
        return self.rates[0 if guided else 1] * rate_share(schedule, done, steps)


class DetectorRun:
    """A student on its way. `state` and `restore` carry all that going on needs."""

    def __init__(self, settings: DetectorSettings, teacher: RetinaFace, pictures: Pictures) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.pictures = settings, pictures
        self.teacher = teacher.eval().to(memory_format=torch.channels_last)
        self.student = new_student().to(memory_format=torch.channels_last)
        self.average: AveragedModel = ema_of(self.student, settings.ema)
        self._adam = self._optimizer()
        self.done = 0

    def step(self) -> dict[str, float]:
        """Learn from one batch; returns the losses. The batch depends on the seed and the step's number alone."""
        settings = self.settings
        rng = np.random.default_rng((settings.seed, self.done))
        side, count = SIZES[int(rng.integers(len(SIZES)))]
        inputs = as_input([mosaic(self.pictures, side, rng) for _ in range(count)])
        guided = self.done < settings.guided
        half = settings.half and guided
        with torch.no_grad():
            truth = predictions(self.teacher, inputs, half=half)
        self._settle()
        if self.done == settings.guided:
            # Its second moments are those of gradients a hundred times smaller: one step would undo everything.
            self._adam = self._optimizer()
        for group in self._adam.param_groups:
            group["lr"] = settings.rate(self.done)
        said = guided_predictions(self.student, truth, half=half) if guided else predictions(self.student, inputs)
        losses = distillation_losses(said, truth)
        self._adam.zero_grad(set_to_none=True)
        torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum().backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), 5.0)
        self._adam.step()
        self.average.update_parameters(self.student)
        self.done += 1
        return {name: loss.item() for name, loss in losses.items()}

    def _optimizer(self) -> torch.optim.AdamW:
        return torch.optim.AdamW(self.student.parameters(), weight_decay=self.settings.weight_decay)

    def _settle(self) -> None:
        settled = self.done >= self.settings.settled
        for module in self.student.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.train(not settled)

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {
            "student": self.student.state_dict(),
            "average": self.average.state_dict(),
            "adam": self._adam.state_dict(),
            "done": self.done,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a `state`."""
        self.student.load_state_dict(state["student"])
        self.average.load_state_dict(state["average"])
        self._adam.load_state_dict(state["adam"])
        self.done = state["done"]

    def export(self, path: Path) -> None:
        """Write the averaged network as the program loads it. Raises ModelError."""
        metadata = {
            # The student's scores are the teacher's.
            "score_threshold": PUBLISHED_THRESHOLD,
            "licence": "non-commercial (see card)",
            "title": "Bundled face detector",
        }
        save_network(self.average.module, path, metadata)


def load_teacher(path: Path) -> RetinaFace:
    """A published detector of the student's shape. Raises ModelError for any other file."""
    module = load_network(path, expect="detector").module
    if module.state_dict().keys() != new_student().state_dict().keys():
        raise ModelError(f"'{path.name}' is no RetinaFace mobile0.25, whose shape the new detector has.")
    return module


def train_detector(run: DetectorRun, folder: Path, say: Callable[[str], None]) -> Path:
    """Train to the end, or go on with the run in `folder`; returns the path of the finished detector.

    The log has the mean losses of each hundred steps. Raises CheckpointError and ModelError when something cannot
    be written.
    """
    checkpoints = Checkpoints(folder / "checkpoints", keep=2)
    if found := checkpoints.load_latest(say):
        run.restore(found[1])
    settings, recent, since = run.settings, list[dict[str, float]](), time.monotonic()
    while run.done < settings.steps:
        recent.append(run.step())
        if run.done % settings.every == 0 or run.done == settings.steps:
            seconds = (time.monotonic() - since) / len(recent)
            say(f"step {run.done}: {_means(recent)}, {seconds:.2f} s a step")
            checkpoints.save(run.done, run.state())
            recent, since = [], time.monotonic()
    run.export(folder / DETECTOR)
    return folder / DETECTOR


def _means(steps: Sequence[dict[str, float]]) -> str:
    return ", ".join(f"{name} {np.mean([step[name] for step in steps]):.4f}" for name in steps[0])
