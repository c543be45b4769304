"""This project's side: runs in a process of its own, see `children.py`."""

from __future__ import annotations

import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np

from app.cli.main import run as run_program
from benchmarks.measuring import peak_resident
from benchmarks.restoring.children import serve
from benchmarks.restoring.instruments import Instruments
from core.assembly import assemble
from core.devices import choose_target
from core.encoding import write_photo
from core.engines.opening import open_network
from core.models import find_model
from core.photo import read_photo
from core.result import RestoreResult
from core.types import BlendOptions, RestoreOptions, RestoreRequest


class Ours:
    """The engine in one of its configurations: keyword arguments of `choose_target`."""

    def __init__(self) -> None:
        self.instruments = Instruments()

    def load(self, configuration: dict[str, Any], threads: int) -> dict[str, str]:
        """Load the networks; their names."""
        cv2.setNumThreads(threads)
        self.assembly = assemble(target=choose_target(**configuration, threads=threads))
        return self.assembly.models

    def run_network(self, image: str, output: str | None = None) -> float:
        """Seconds of one run of the restorer on an array in a file, (1, 3, 512, 512)."""
        if not hasattr(self, "engine"):
            self.engine = open_network(find_model(None, "restorer").path, "restorer", self.assembly.target).engine
        x = np.load(image)
        start = time.perf_counter()
        y = self.engine.run(x)
        seconds = time.perf_counter() - start
        if output:
            np.save(output, y)
        return seconds

    def restore(self, photo: str, faces: list[Any], upscale: int, output: str) -> dict[str, Any]:
        """Seconds from file to file, seconds of those in each network, and pixels that the detector saw."""
        self.instruments.give(read_photo(Path(photo)).rgb, faces)
        before, pixels = self.instruments.seconds.copy(), self.instruments.pixels
        start = time.perf_counter()
        read = read_photo(Path(photo))
        result = self.assembly.pipeline.run(RestoreRequest(read, RestoreOptions(upscale=upscale)))
        write_photo(read, result.image, Path(output), "JPEG")
        seconds = time.perf_counter() - start
        if result.restored_count != len(faces):
            raise RuntimeError(f"{result.restored_count} of {len(faces)} faces restored: {result.warnings}")
        return {
            "seconds": seconds,
            "networks": dict(self.instruments.seconds - before),
            "pixels": self.instruments.pixels - pixels,
        }

    def restore_all(self, scenes: list[dict[str, Any]], upscale: int, output: str) -> dict[str, Any]:
        """The same for many photos by one call of the command line, less the loading of the networks."""
        for scene in scenes:
            self.instruments.give(read_photo(Path(scene["photo"])).rgb, scene["faces"])
        before, pixels = self.instruments.seconds.copy(), self.instruments.pixels
        arguments = [*(scene["photo"] for scene in scenes), "-o", output, "--upscale", str(upscale), "--on-exists"]
        with mock.patch("app.cli.restore.assemble", return_value=self.assembly), redirect_stdout(None):
            start = time.perf_counter()
            code = run_program(["restore", *arguments, "overwrite"])
            seconds = time.perf_counter() - start
        if code:
            raise RuntimeError(f"the command line returned {code}")
        return {
            "seconds": seconds,
            "networks": dict(self.instruments.seconds - before),
            "pixels": self.instruments.pixels - pixels,
        }

    def compose(self, photo: str, faces: list[Any]) -> float:
        """Seconds of laying restored faces into a photo in memory, in a whole run."""
        return self._run(photo, faces).seconds["compose"]

    def recomposite(self, photo: str, faces: list[Any], repeats: int) -> list[float]:
        """Seconds of each further strength for the first face of a restored photo, on its canvas."""
        canvas = self._run(photo, faces).canvas()
        seconds = []
        for strength in np.linspace(0.2, 0.9, repeats + 1):
            start = time.perf_counter()
            regions = canvas.recomposite(per_face={0: BlendOptions(strength=float(strength))})
            seconds.append(time.perf_counter() - start)
            if not regions:
                raise RuntimeError("nothing was drawn")
        return seconds[1:]

    def _run(self, photo: str, faces: list[Any]) -> RestoreResult:
        """Restore the given faces; the detector looks no closer than their size asks for."""
        read = read_photo(Path(photo))
        self.instruments.give(read.rgb, faces)
        options = RestoreOptions(min_face=float(np.ptp(np.array(faces[0]), axis=0).max()))
        return self.assembly.pipeline.run(RestoreRequest(read, options))


if __name__ == "__main__":
    ours = Ours()
    serve(
        {
            "load": ours.load,
            "run_network": ours.run_network,
            "restore": ours.restore,
            "restore_all": ours.restore_all,
            "compose": ours.compose,
            "recomposite": ours.recomposite,
            "peak": peak_resident,
        }
    )
