"""Before a run begins: a few of its steps, taken back, tell whether anything can be learned and what it takes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from core.networks.gfpgan import GFPGAN
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.assembly import sample_size
from trainer.build import Criteria
from trainer.config import TrainConfig
from trainer.estimate import Estimate, estimate, measure, memory_at_hand
from trainer.evaluation import Evaluator
from trainer.guards import sanity
from trainer.loop import Run
from trainer.restorer import RestorerTraining
from trainer.types import Batch


def rehearse(
    run: Run,
    network: GFPGAN | StyleGAN2Generator,
    criteria: Criteria | None,
    held_out: Sequence[Batch],
    folder: Path,
    *,
    begun: bool = False,
) -> Estimate:
    """A few steps of `run` that are taken back: whether anything can be learned, and what it takes.

    network: what is trained. criteria, held_out: of the evaluations to come. folder: what the run writes into.
    begun: the run goes on.

    Raises OutOfMemoryError and DoesNotFitError.
    """
    config = run.config
    iterator = run.batches(0)

    def draw() -> list[Batch]:
        return list(islice(iterator, config.accumulate))

    # A step in which everything is due that ever is.
    every = config.losses.r1_every
    delay = config.discriminators.delay
    full = -(-delay // every) * every if delay < config.steps else 0
    measured = measure(run.training, draw, config, first=full)
    if isinstance(run.training, RestorerTraining):
        values, norms = run.training.gradients(full, draw())
        equalized = network.hyperparameters["variant"] != "clean"
        for sentence in sanity(values, norms, run.base_rate, equalized=equalized):
            run.say.warn(sentence)
    needed = estimate(
        measured,
        steps_left=config.steps - run.step,
        evaluation_seconds=_evaluation_seconds(run, criteria, held_out),
        keep=config.keep,
        held_bytes=run.checkpoints.held_bytes(),
        sample_bytes=_sample_bytes(config, sample_size(config, network), run.step),
        free_disk=shutil.disk_usage(folder).free,
        total_memory=memory_at_hand(run.processes.device),
    )
    needed.check(config, begun=begun)
    return needed


def _evaluation_seconds(run: Run, criteria: Criteria | None, held_out: Sequence[Batch]) -> float:
    """What all evaluations that are left will take, by the first of their batches."""
    config = run.config
    if criteria is None or not held_out:
        return 0.0
    some = held_out[0].to(run.processes.device)
    evaluator = Evaluator([some], criteria.features, criteria.embedding)
    start = time.perf_counter()
    evaluator.measure(run.training.model)
    share = (time.perf_counter() - start) / len(some)
    times = 1 + (config.steps - run.step) // (config.every.evaluation or config.steps)
    return times * share * sum(len(batch) for batch in held_out)


def _sample_bytes(config: TrainConfig, size: int, step: int) -> int:
    """At most: pictures of 24 bits a pixel, without compression."""
    times = (config.steps - step) // config.every.sample if config.every.sample else 1
    return times * config.samples * size * size * 3
