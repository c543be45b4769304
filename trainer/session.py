"""A configuration and a folder become a run that is ready for the loop, and a run that ended becomes a model."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import nn

from core.errors import UsageError
from core.networks.gfpgan import GFPGAN
from trainer.assembly import DTYPES, base_rate, new_training, sample_size
from trainer.build import (
    Criteria,
    Origin,
    build_criteria,
    new_origin,
    rebuilt_origin,
)
from trainer.card import Card
from trainer.checkpoint import Checkpoints
from trainer.config import TrainConfig
from trainer.control import Control
from trainer.data import Loader, held_out_batches
from trainer.dataset import FaceRecord, read_dataset
from trainer.estimate import Estimate
from trainer.evaluation import Evaluator
from trainer.events import Hello
from trainer.export import export, install, name_for
from trainer.faces import Source
from trainer.ffhq_landmarks import read_ffhq_landmarks
from trainer.guards import Guard
from trainer.loop import Run, Say
from trainer.processes import Processes
from trainer.rehearsal import rehearse
from trainer.run_folder import RunFolder
from trainer.samples import GeneratedSamples, Samples
from trainer.sampling import repeated, split
from trainer.speed import keep_freed_memory
from trainer.types import Batch
from trainer.yardstick import original, ways_each, yardstick


@dataclass
class Session:
    """A run, and what is known about it beside."""

    run: Run
    loader: Loader
    folder: RunFolder
    origin: Origin
    criteria: Criteria | None
    learned: list[FaceRecord]
    held_out: list[Batch]
    ways: int

    @property
    def judges(self) -> int:
        """How many faces are held out, each of them in `ways` degradations."""
        return sum(len(batch) for batch in self.held_out) // self.ways

    def close(self) -> None:
        self.loader.close()


def open_session(
    config: TrainConfig, folder: RunFolder, control: Control, say: Say, processes: Processes, *, resume: bool
) -> Session:
    """Build everything, check it with a few steps that are taken back, and say hello. Raises CoreError."""
    if processes.device.type == "cpu":
        keep_freed_memory()
    torch.manual_seed(config.seed)
    learned, held_out_faces = _faces(config, say.warn)
    checkpoints = Checkpoints(folder.checkpoints, config.keep)
    found = checkpoints.load_latest(say.warn) if resume else None
    if found is not None:
        config = msgspec.structs.replace(config, discriminators=_without_files(config))
    origin = new_origin(config) if found is None else rebuilt_origin(found[1]["record"], config)
    criteria = build_criteria(config.losses) if config.trains == "restorer" else None
    if criteria is not None:
        _check_terms(config, criteria)
    training, dtype = new_training(config, origin, criteria, processes)
    source = partial(_source, config, sample_size(config, origin.network))
    shown = source(held_out_faces, config.data.held_out_folder or config.data.folder)
    ways = ways_each(config, len(held_out_faces))
    held_out = [] if criteria is None else held_out_batches(shown, config.batch, config.evaluate, say.warn, ways)
    loader = Loader(
        source(repeated(learned, config.data.repeat), config.data.folder),
        config.batch,
        rank=processes.rank,
        count=processes.count,
        workers=_workers(config, processes.device),
        device=processes.device,
        on_device=config.data.degrade_on_device,
        warn=say.warn,
    )
    run = Run(
        config=config,
        training=training,
        batches=loader.batches,
        control=control,
        say=say,
        checkpoints=checkpoints,
        guard=Guard(),
        processes=processes,
        base_rate=base_rate(config, origin.network),
        evaluator=_evaluator(held_out, criteria, processes),
        samples=_samples(config, folder, origin.network, held_out, ways) if processes.is_main else None,
        record=origin.record() | _terms(criteria),
        yardstick=yardstick(config, criteria, held_out_faces),
        original=partial(original, config, origin, processes.device),
        step=found[0] if found else 0,
    )
    session = Session(run, loader, folder, origin, criteria, learned, held_out, ways)
    try:
        estimated = rehearse(run, origin.network, criteria, held_out, folder.path, begun=found is not None)
    except BaseException:
        session.close()
        raise
    if found is not None:
        run.resume(*found)
    say(_hello(session, dtype, estimated))
    return session


def finish(session: Session) -> tuple[Path, str]:
    """Make the best network of the run a model, in its folder and, where it is a restorer, by name.

    Returns its path and that name. Raises CoreError.
    """
    run, config, folder = session.run, session.run.config, session.folder
    # What was the best by another yardstick says nothing.
    best = run.checkpoints.load_best(run.say.warn) if run.best_metrics else None
    if best is not None:
        run.training.load_state(best[1]["training"])
    step = run.step if best is None else best[0]
    # A run that went on with other networks learned its best one with what it had then.
    terms = _terms(session.criteria) | (best[1]["record"] if best else {})
    name = name_for(config.name or folder.path.resolve().name, config.run_id)
    card = Card(
        name=name,
        run_id=config.run_id,
        preset=config.preset,
        steps=step,
        faces=len(session.learned),
        photos=len({face.photo for face in session.learned}),
        data=Path(config.data.folder).resolve().name,
        base=session.origin.base,
        licence=session.origin.licence,
        settings={
            "batch": config.batch * config.accumulate * run.processes.count,
            "learning rate": f"{run.base_rate:g}, {config.optimizer.schedule}",
            "prior": "frozen" if config.network.freeze_prior else "trained",
            "ablation": config.ablation,
        },
        losses=tuple(terms["terms"]),
        off=tuple(terms["off"]),
        held_out=session.judges,
        ways=session.ways,
        inputs=run.evaluator.inputs() if run.evaluator else {},
        before=run.before,
        after=run.best_metrics,
    )
    network: Any = run.training.model
    path = export(network, folder.path, card, was_clean=session.origin.was_clean)
    return path, install(path, name) if isinstance(network, GFPGAN) else ""


def _check_terms(config: TrainConfig, criteria: Criteria) -> None:
    """Raises UsageError where the generator would have nothing to learn from in some steps."""
    delay, drop = config.discriminators.delay, config.losses.pyramid_drop
    for step in (0, delay, drop):
        late = {"adversarial", "component"} if step < delay else set()
        gone = {"pyramid"} if drop and step >= drop else set()
        if step < config.steps and not set(criteria.terms) - late - gone:
            when = f"from step {step:,} on" if late or gone else "from the start"
            raise UsageError(
                f"No loss term is on {when}, so nothing can be learned; give one a weight, such as l1."
            )


def _faces(config: TrainConfig, warn: Callable[[str], None]) -> tuple[list[FaceRecord], list[FaceRecord]]:
    """The faces to learn from, and those that are held out to evaluate by."""
    faces = _present(config.data.folder, warn)
    if config.data.held_out_folder:
        return faces, _present(config.data.held_out_folder, warn)
    return split(faces, config.data.held_out)


def _present(folder: str, warn: Callable[[str], None]) -> list[FaceRecord]:
    """The accepted faces of a dataset whose images are there; a few that are not are said."""
    accepted = read_dataset(Path(folder)).accepted
    if not accepted:
        raise UsageError(f"No face in '{folder}' is accepted; see report.html there for the reasons.")
    present = [face for face in accepted if Path(folder, face.file).is_file()]
    if not present:
        raise UsageError(f"The images of all faces in '{folder}' are gone; put them back.")
    if gone := len(accepted) - len(present):
        warn(f"The images of {gone} of {len(accepted)} faces in '{folder}' are gone; the run does without them.")
    return present


def _source(config: TrainConfig, size: int, faces: list[FaceRecord], folder: str) -> Source:
    return Source(
        folder=Path(folder),
        faces=faces,
        size=size,
        degradation=config.degradation if config.trains == "restorer" else None,
        seed=config.seed,
        augment=config.data.augment,
        mix=config.data.mix,
        landmarks=read_ffhq_landmarks(Path(config.data.landmarks)) if config.data.landmarks else None,
    )


def _terms(criteria: Criteria | None) -> dict[str, list[str]]:
    """What the network learns by."""
    return {"terms": criteria.terms, "off": list(criteria.off)} if criteria else {"terms": [], "off": []}


def _without_files(config: TrainConfig) -> Any:
    return msgspec.structs.replace(config.discriminators, whole="", left_eye="", right_eye="", mouth="")


def _workers(config: TrainConfig, device: torch.device) -> int:
    """On a CPU one process reads ahead where there is a core for it; a GPU wants to be fed by several."""
    if config.data.workers >= 0:
        return config.data.workers
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores - 1, 1 if device.type == "cpu" else 8)


def _evaluator(held_out: list[Batch], criteria: Criteria | None, processes: Processes) -> Evaluator | None:
    if criteria is None or not held_out or not processes.is_main:
        return None
    return Evaluator([batch.to(processes.device) for batch in held_out], criteria.features, criteria.embedding)


def _samples(config: TrainConfig, folder: RunFolder, network: Any, held_out: list[Batch], ways: int) -> Any:
    if config.trains == "prior":
        return GeneratedSamples(folder.samples, network.style_dim, config.samples)
    return Samples(folder.samples, held_out, config.samples, ways) if held_out else None


def _hello(session: Session, dtype: torch.dtype, estimated: Estimate) -> Hello:
    run, config = session.run, session.run.config
    network: nn.Module = session.origin.network
    return Hello(
        run=session.folder.path.resolve().name,
        folder=str(session.folder.path),
        preset=config.preset,
        step=run.step,
        steps=config.steps,
        device=str(run.processes.device),
        precision=next(name for name, known in DTYPES.items() if known == dtype),
        batch=config.batch * config.accumulate * run.processes.count,
        processes=run.processes.count,
        parameters=sum(p.numel() for p in network.parameters() if p.requires_grad),
        faces=len(session.learned),
        held_out=session.judges,
        terms=session.criteria.terms if session.criteria else ["adversarial", "r1", "path_length"],
        off=list(session.criteria.off) if session.criteria else [],
        estimate=estimated.sentences(),
        seconds=estimated.seconds,
        memory_bytes=estimated.memory_bytes,
    )
