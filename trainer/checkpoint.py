"""Checkpoints: all that continuing a run needs, in files that are whole or not there."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from core.errors import CoreError
from core.files import reason, written_beside

_NAME = re.compile(r"(?P<kind>step|best)-(?P<step>\d+)\.ckpt")


class CheckpointError(CoreError):
    """A checkpoint cannot be written, or none can be read."""


class Checkpoints:
    """The newest `keep` checkpoints in `folder`, `step-000500.ckpt`, and the best one, `best-000500.ckpt`.

    A file is written beside its name and moved there, so a kill at any moment leaves what was there before. The
    best one is a link to its step's file, or a copy where a disk has no links. Reading checks every byte.
    """

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder, self._keep = folder, keep

    def save(self, step: int, state: dict[str, Any], *, best: bool = False) -> Path:
        """Write nested dicts, lists and tuples of tensors, numbers and text. Older checkpoints go after that.

        Raises CheckpointError, and what was there before is still there.
        """
        path = self._folder / f"step-{step:06}.ckpt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for left_over in self._folder.glob(".*.part"):
                left_over.unlink(missing_ok=True)
            with written_beside(path) as part:
                torch.save(state, part)
            if best:
                with written_beside(self._folder / f"best-{step:06}.ckpt") as part:
                    _link(path, part)
            self._prune(step, best=best)
        except OSError as error:
            raise CheckpointError(
                f"The checkpoint '{path}' cannot be written ({reason(error)}); free some space there."
            ) from error
        except RuntimeError as error:
            # What torch makes of a full disk.
            raise CheckpointError(f"The checkpoint '{path}' cannot be written; free some space there.") from error
        return path

    def load_latest(self, warn: Callable[[str], None]) -> tuple[int, dict[str, Any]] | None:
        """Steps done and state of the newest checkpoint that is whole; `warn` is told of those that are not. None
        where there is no checkpoint; CheckpointError where none is whole."""
        return self._load([*self._files("step"), *self._files("best")], warn)

    def load_best(self, warn: Callable[[str], None]) -> tuple[int, dict[str, Any]] | None:
        """The same of the best one, None where there is none."""
        return self._load(self._files("best"), warn)

    def held_bytes(self) -> int:
        """What all checkpoints take on the disk."""
        files = [path.stat() for kind in ("step", "best") for _, path in self._files(kind)]
        # The best one is mostly a link.
        return sum({(file.st_dev, file.st_ino): file.st_size for file in files}.values())

    def _load(
        self, found: list[tuple[int, Path]], warn: Callable[[str], None]
    ) -> tuple[int, dict[str, Any]] | None:
        if not found:
            return None
        for step, path in sorted(found, reverse=True):
            try:
                return step, read_checkpoint(path)
            except CheckpointError as error:
                warn(f"{error} Trying the one before.")
        raise CheckpointError(f"No checkpoint in '{self._folder}' can be read; begin the run again.")

    def _files(self, kind: str) -> list[tuple[int, Path]]:
        """Steps and paths, in no order."""
        if not self._folder.is_dir():
            return []
        matches = [(_NAME.fullmatch(path.name), path) for path in self._folder.iterdir()]
        return [(int(match["step"]), path) for match, path in matches if match and match["kind"] == kind]

    def _prune(self, step: int, *, best: bool) -> None:
        # What is newer than the run belongs to a past that it was rolled back from.
        old = [(s, path) for s, path in self._files("step") if s > step]
        kept = sorted(s for s, _ in self._files("step") if s <= step)[-self._keep :]
        old += [(s, path) for s, path in self._files("step") if s <= step and s not in kept]
        if best:
            old += [(s, path) for s, path in self._files("best") if s != step]
        for _, path in old:
            path.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The state in a checkpoint, on the CPU. Raises CheckpointError unless every byte is as it was written."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
        state = None if broken else torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, UnpicklingError, EOFError, ValueError) as error:
        raise CheckpointError(f"The checkpoint '{path.name}' is damaged.") from error
    if not isinstance(state, dict):
        raise CheckpointError(f"The checkpoint '{path.name}' is damaged.")
    return state


def _link(path: Path, link: Path) -> None:
    try:
        os.link(path, link)
    except OSError:
        link.write_bytes(path.read_bytes())
