"""What the benchmark puts into this project's engine: given faces, and a clock on every network.

The faces of a photo are given to the detector as if its network had seen them. The network runs all the same,
on all that the detector shows it; with deterministic parameters what it says has no meaning.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import core.detection
from core.alignment import FFHQ_TEMPLATE
from core.detection import CLOSE_UP, TILE, RetinaFaceDetector
from core.engines.openvino import OpenVINOEngine
from core.engines.pytorch import TorchEngine
from core.parsing import ParseNetParser
from core.restoration import NetworkRestorer
from core.types import CROP_SIZE, Face, Pixels

FULL = 0.3
"""A face's box is about 0.6 of its crop's side; half of that."""


class Instruments:
    """Installed for the life of the process. `seconds` of each network and `pixels` of the detector add up."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.pixels = 0
        self._network = ""
        self._faces: dict[bytes, list[np.ndarray]] = {}
        self._photo: tuple[tuple[int, int], list[np.ndarray]] = ((1, 1), [])
        RetinaFaceDetector.detect = self._remembering(RetinaFaceDetector.detect)
        core.detection.run_retinaface = self._seeing(core.detection.run_retinaface)
        NetworkRestorer.restore = self._at_work("restorer", NetworkRestorer.restore)
        ParseNetParser.parse = self._at_work("parser", ParseNetParser.parse)
        for engine in (OpenVINOEngine, TorchEngine):
            engine.run = self._timed(engine.run)

    def give(self, photo: Pixels, faces: list[Any]) -> None:
        """These are the landmarks of the faces in this photo."""
        self._faces[_print_of(photo)] = [np.array(face) for face in faces]

    def _remembering(self, detect: Callable[..., list[Face]]) -> Callable[..., list[Face]]:
        def remember_and_detect(detector: Any, image: Pixels, *arguments: Any, **named: Any) -> list[Face]:
            self._photo = (image.shape[1], image.shape[0]), self._faces.get(_print_of(image), [])
            return detect(detector, image, *arguments, **named)

        return remember_and_detect

    def _seeing(self, run: Callable[..., list[Face]]) -> Callable[..., list[Face]]:
        def run_and_see(engine: Any, bgr: np.ndarray, _: float) -> list[Face]:
            height, width = bgr.shape[:2]
            close_up = (height, width) == (CLOSE_UP, CLOSE_UP)
            self._network = "detector, close-ups" if close_up else "detector, whole photo"
            run(engine, bgr, 1.0)
            self.pixels += height * width
            if close_up:
                return [_face(FFHQ_TEMPLATE * CLOSE_UP / CROP_SIZE)]
            size, faces = self._photo
            scale = np.array([width, height]) / size
            shows_all = abs(scale[0] - scale[1]) * max(size) < 2 and max(height, width) <= TILE
            return [_face((landmarks + 0.5) * scale - 0.5) for landmarks in faces if shows_all]

        return run_and_see

    def _at_work(self, network: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def work_by_name(*arguments: Any) -> Any:
            self._network = network
            return work(*arguments)

        return work_by_name

    def _timed(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def run_by_the_clock(*arguments: Any) -> Any:
            start = time.perf_counter()
            result = run(*arguments)
            self.seconds[self._network] += time.perf_counter() - start
            return result

        return run_by_the_clock


def _face(landmarks: np.ndarray) -> Face:
    """A face that nobody doubts. Its eyes are 126 of the 512 px of its crop apart."""
    half = FULL * CROP_SIZE * np.hypot(*(landmarks[1] - landmarks[0])) / 126
    middle = landmarks.mean(axis=0)
    return Face((*(middle - half).tolist(), *(middle + half).tolist()), landmarks, 0.99)


def _print_of(photo: Pixels) -> bytes:
    return photo[::61, ::61].tobytes()
