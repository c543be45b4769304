"""What every row of the benchmark needs: both sides loaded, scenes, rates, and how often to repeat."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.restoring.children import ROOT, Child
from benchmarks.restoring.floors import Rates
from benchmarks.restoring.models import RESTORER, WHERE_GFPGAN_LOOKS, weights_home
from benchmarks.restoring.peer_packages import peer_packages
from benchmarks.restoring.scenes import Scene, make_scene

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "auto": {},
    "fp32": {"precision": "fp32"},
    "bf16": {"precision": "bf16"},
}
"""Ours, by name: keyword arguments of `core.devices.choose_target`."""


@dataclass
class Bench:
    """A run of the benchmark. `folder` is for its files; `photos` are the user's for the row of many photos."""

    folder: Path
    rates: Rates
    repeats: int
    threads: int
    quick: bool
    photos: Path | None
    stack: ExitStack
    _children: dict[str, Child] = field(default_factory=dict)

    def ours(self, configuration: str) -> Child:
        """This project's side in one configuration, loaded and warm."""
        if configuration not in self._children:
            self._children[configuration] = self.stack.enter_context(self.new_ours(configuration))
        return self._children[configuration]

    def peer(self) -> Child:
        """GFPGAN, loaded and warm."""
        if "peer" not in self._children:
            self._children["peer"] = self.stack.enter_context(self.new_peer())
        return self._children["peer"]

    def new_ours(self, configuration: str) -> Child:
        """A process of our side that has restored one face."""
        child = Child("ours", self.folder, variables=self.variables)
        child.ask("load", configuration=CONFIGURATIONS[configuration], threads=self.threads)
        child.ask("restore", **self.scene(640, 480, 1, 300).as_json(), upscale=1, output=self.output("warm"))
        return child

    def new_peer(self) -> Child:
        """A process of GFPGAN that has restored one face."""
        child = Child("peer", weights_home(), (peer_packages(),))
        child.ask("load", restorer=str(WHERE_GFPGAN_LOOKS / RESTORER), threads=self.threads)
        child.ask("restore", **self.scene(640, 480, 1, 300).as_json(), upscale=1, output=self.output("warm"))
        return child

    @property
    def variables(self) -> dict[str, str]:
        """Environment in which the program finds the benchmark's weights."""
        return {"GFPGAN_DESKTOP_MODELS": str(weights_home() / WHERE_GFPGAN_LOOKS)}

    def scene(self, width: int, height: int, count: int, side: float) -> Scene:
        """A photo with faces; a quick run gets it four times smaller, with at most two faces."""
        if self.quick:
            width, height, side, count = width // 4, height // 4, side / 4, min(count, 2)
        return make_scene(self.folder, width, height, count, side)

    def output(self, name: str) -> str:
        """Where a result goes."""
        return str(self.folder / f"{name}-out.jpg")

    def array(self, name: str, values: np.ndarray | None = None) -> str:
        """The path of an array for the children, which is written if given."""
        path = self.folder / f"{name}.npy"
        if values is not None:
            np.save(path, values)
        return str(path)

    def process_seconds(self, arguments: list[str], packages: tuple[Path, ...] = ()) -> float:
        """How long a fresh Python takes from its start to its end."""
        path = os.pathsep.join([*map(str, packages), str(ROOT)])
        environment = {**os.environ, **self.variables, "PYTHONPATH": path, "OMP_NUM_THREADS": str(self.threads)}
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, check=True, capture_output=True
        )
        return time.perf_counter() - start
