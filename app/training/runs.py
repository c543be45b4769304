"""The runs on this machine, as a list. No Qt here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import CoreError
from trainer.config import TrainConfig
from trainer.events import Done, Event, Hello, Step, decode
from trainer.resolving import from_toml
from trainer.run_folder import RunFolder, as_name

RunState = Literal["running", "finished", "stopped", "failed", "interrupted"]

_TAIL = 64 * 1024


@dataclass(frozen=True)
class RunInfo:
    """A run: its settings, how far it came, and how it stands. changed: seconds since 1970."""

    folder: Path
    config: TrainConfig
    state: RunState
    step: int
    model: str
    changed: float

    @property
    def name(self) -> str:
        """What to call it."""
        return self.config.name or self.folder.name

    @property
    def can_go_on(self) -> bool:
        """Whether there are steps left, and nobody is at it."""
        return self.state != "running" and self.step < self.config.steps


def list_runs(*folders: Path) -> list[RunInfo]:
    """The runs in these folders, newest first. Those whose settings cannot be read are left out."""
    paths: list[Path] = []
    for folder in folders:
        with suppress(OSError):
            paths += [path for path in folder.iterdir() if path.is_dir()]
    found = [run for path in paths if (run := read_run(path)) is not None]
    return sorted(found, key=lambda run: -run.changed)


def read_run(path: Path) -> RunInfo | None:
    """The run in a folder, None where there is none."""
    run = RunFolder(path)
    try:
        config = from_toml(run.config.read_text(encoding="utf-8"))
        changed = (run.events if run.events.exists() else run.config).stat().st_mtime
        events = list(_last_events(run.events))
    except (OSError, ValueError, CoreError):
        return None
    last = next((e for e in reversed(events) if isinstance(e, Done | Step | Hello)), None)
    step = 0 if last is None else last.step
    done = last if isinstance(last, Done) else None
    state: RunState = done.state if done is not None else "running" if run.in_use else "interrupted"
    return RunInfo(path, config, state, step, done.name if done else "", changed)


def _last_events(path: Path) -> Iterator[Event]:
    """Those at the end of a file that may be large; what is cut off is no event."""
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL))
        for line in file.read().decode("utf-8", "replace").splitlines():
            event = decode(line)
            if event is not None:
                yield event


def free_folder(name: str, folder: Path) -> Path:
    """A folder for a run of this name in `folder` that is not there yet."""
    first = folder / as_name(name)
    numbered = (folder / f"{first.name}-{number}" for number in range(2, 1_000_000))
    return first if not first.exists() else next(path for path in numbered if not path.exists())
