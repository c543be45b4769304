"""A training run as a process of its own: from a shell, as the child of a window, or as one of several.

gfpgan-desktop train run --data DATASET ...
accelerate launch --num_processes 2 -m trainer.worker --data DATASET ...
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec

from core.errors import CoreError, OutOfMemoryError, UsageError
from core.files import reason, write_atomically
from trainer.config import ConfigError, TrainConfig
from trainer.console import Console
from trainer.control import Control
from trainer.events import Done, Error, EventLog, JsonLines, Sink
from trainer.options import add_run_options
from trainer.resolving import as_toml, check_resumable, from_toml, load_preset, resolve
from trainer.run_folder import RunFolder, runs_folder, runs_folders

log = logging.getLogger(__name__)

FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of `python -m trainer.worker`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="trainer.worker", description="Train a model.")
    add_run_options(parser)
    try:
        return run(parser.parse_args(arguments))
    except CoreError as error:
        print(error, file=sys.stderr)
        return 2


def run(options: argparse.Namespace) -> int:
    """Carry out a run; returns the exit code: 0 finished or stopped by the window, 1 failed, 128 + n stopped by
    signal n (after saving). Raises CoreError when it cannot begin, which the window is told as well."""
    sinks: list[Sink] = []
    if options.json or options.train_worker:
        sinks.append(JsonLines(sys.stdout))
    else:
        sinks.append(Console(sys.stderr, farewell=not options.estimate))
    try:
        return _run(options, sinks)
    except CoreError as error:
        if not options.train_worker:
            raise
        # Of several processes one tells it; this may be before they know of each other.
        if os.environ.get("RANK", "0") == "0":
            for event in (_said(error), Done("failed", 0)):
                sinks[0](event)
        return FAILED


def _run(options: argparse.Namespace, sinks: list[Sink]) -> int:
    folder = RunFolder(_folder(options))
    if options.resume:
        folder.check_exists()
    config = _config(options, folder)
    control = Control()
    with control.signals():
        # Seconds pass in these imports, in which a signal must not be lost.
        from trainer.processes import Processes

        processes = Processes(config.device)
        with folder.locked() if processes.is_main else nullcontext():
            if processes.is_main and not options.resume:
                folder.begin()
                if not options.estimate:
                    _write_config(folder, config)
            processes.wait()
            # What an estimate says belongs to no run.
            events = None if options.estimate else folder.events
            say: Any = _log(folder, events, config, sinks) if processes.is_main else _Silent()
            if options.train_worker and processes.is_main:
                control.obey(sys.stdin, say.warn)
            code = _train(config, folder, control, say, processes, options)
    processes.close()
    return code


def _train(
    config: TrainConfig,
    folder: RunFolder,
    control: Control,
    say: Any,
    processes: Any,
    options: argparse.Namespace,
) -> int:
    from trainer.loop import train
    from trainer.session import finish, open_session

    try:
        session = open_session(config, folder, control, say, processes, resume=options.resume)
    except CoreError:
        if processes.is_main and not options.resume:
            folder.take_back()
        raise
    except Exception:
        return _failed(say, 0)
    if options.estimate:
        session.close()
        say(Done("stopped", session.run.step))
        if processes.is_main and not options.resume:
            folder.take_back()
        return 0
    try:
        try:
            if processes.is_main and options.resume:
                # Not before all of it is known to work: a run that went on by it could never go on otherwise.
                _write_config(folder, config)
            finished = train(session.run)
        finally:
            session.close()
        step = session.run.step
        model, name = finish(session) if processes.is_main and step else ("", "")
    except CoreError as error:
        return _failed(say, session.run.step, _said(error))
    except Exception:
        return _failed(say, session.run.step)
    metrics = {"before": session.run.before, "after": session.run.best_metrics}
    if session.run.evaluator is not None:
        metrics["inputs"] = session.run.evaluator.inputs()
    say(Done("finished" if finished else "stopped", step, str(model), name, metrics))
    return 128 + control.signal if control.signal is not None and not finished else 0


def _write_config(folder: RunFolder, config: TrainConfig) -> None:
    write_atomically(folder.config, as_toml(config).encode())


def _said(error: CoreError) -> Error:
    return Error(str(error), isinstance(error, OutOfMemoryError))


def _failed(say: Any, step: int, why: Error | None = None) -> int:
    """Say why the run ended; without a reason, by the exception that is being handled, which goes to the log."""
    if why is None:
        log.exception("The run ended by an error of the program")
        why = Error("The run ended by an error of the program; its last checkpoint is good: go on with --resume.")
    say(why)
    say(Done("failed", step))
    return FAILED


class _Silent:
    """What a process says that is not the main one."""

    def __call__(self, event: Any) -> None:
        pass

    def warn(self, message: str) -> None:
        pass


def _log(folder: RunFolder, events: Path | None, config: TrainConfig, sinks: list[Sink]) -> EventLog:
    if config.tensorboard and events is not None:
        from trainer.tensorboard import Board

        sinks = [*sinks, Board(folder.tensorboard)]
    return EventLog(events, *sinks)


def _folder(options: argparse.Namespace) -> Path:
    if options.out is not None:
        return Path(options.out)
    name = options.preset or (options.config.stem if options.config else "quick")
    folders = runs_folders() if options.resume else []
    return next((folder / name for folder in folders if RunFolder(folder / name).exists), runs_folder() / name)


def _config(options: argparse.Namespace, folder: RunFolder) -> TrainConfig:
    """The configuration that the options describe. Raises CoreError."""
    changes = list(options.changes)
    if options.allow_missing:
        changes.append("losses.allow_missing=true")
    if options.resume:
        if options.preset or options.base or options.config:
            raise UsageError("A run goes on with its own settings; leave --preset, --base and --config out.")
        before = from_toml(_read(folder.config))
        config = _with_data(from_toml(_read(folder.config), changes), options)
        check_resumable(before, config)
        return config
    if options.base is not None:
        # In front, so that --set network.base=... counts.
        changes.insert(0, f"network.base={'' if options.base == 'none' else options.base}")
    if options.config is not None:
        config = from_toml(_read(options.config), changes)
    else:
        name = options.preset or "quick"
        config = resolve({"preset": name, **load_preset(name)}, changes)
    config = _with_data(config, options)
    if not config.data.folder:
        raise UsageError(
            "Name the faces to learn from with --data; 'train prepare' makes such a folder of photos."
        )
    return msgspec.structs.replace(_absolute(config), run_id=secrets.token_hex(8))


_FILES = {
    "network": ("base", "prior"),
    "discriminators": ("whole", "left_eye", "right_eye", "mouth"),
    "losses": ("perceptual_network", "identity_network"),
    "data": ("landmarks", "held_out_folder"),
}
"""Settings that may name a file or folder."""


def _absolute(config: TrainConfig) -> TrainConfig:
    """With whole paths, so that the run can be gone on with from another folder."""
    for table, keys in _FILES.items():
        settings = getattr(config, table)
        found = {key: getattr(settings, key) for key in keys}
        whole = {key: str(Path(name).resolve()) for key, name in found.items() if name and Path(name).exists()}
        config = msgspec.structs.replace(config, **{table: msgspec.structs.replace(settings, **whole)})
    return config


def _with_data(config: TrainConfig, options: argparse.Namespace) -> TrainConfig:
    if options.data is None:
        return config
    data = msgspec.structs.replace(config.data, folder=str(options.data.resolve()))
    return msgspec.structs.replace(config, data=data)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is no text"
        raise ConfigError(f"'{path}' cannot be read ({why}).") from error


if __name__ == "__main__":
    sys.exit(main())
