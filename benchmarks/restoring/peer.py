"""GFPGAN's side: runs in a process of its own, see `children.py`. It knows nothing of this project's engine.

Patched: the noise is that of the stored buffers, so that outputs can be compared; and the faces are given, so
that both sides restore the same. RetinaFace runs all the same, on what GFPGAN gives it.
"""

from __future__ import annotations

import functools
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.measuring import peak_resident
from benchmarks.restoring import torchvision_shim  # noqa: F401
from benchmarks.restoring.children import serve

# isort: split
from gfpgan import GFPGANer


class Peer:
    """A GFPGANer as `inference_gfpgan.py --bg_upsampler none` makes it."""

    def load(self, restorer: str, threads: int) -> dict[str, str]:
        """Load the networks; the versions of the packages."""
        torch.set_num_threads(threads)
        self.gfpganer = GFPGANer(restorer, upscale=2, arch="clean", channel_multiplier=2, bg_upsampler=None)
        network = self.gfpganer.gfpgan
        network.forward = functools.partial(network.forward, randomize_noise=False)
        self.faces: np.ndarray = np.empty((0, 15), np.float32)
        detector = self.gfpganer.face_helper.face_det
        detector.detect_faces = functools.partial(self.detect, detector.detect_faces)
        return {name: version(name) for name in ("gfpgan", "facexlib", "basicsr", "torch")}

    def detect(self, detect_faces: Any, image: np.ndarray, _: float) -> np.ndarray:
        """The given faces, after the detector has looked; of what it saw nothing is sure enough."""
        detect_faces(image, conf_threshold=2.0)
        return self.faces

    def run_network(self, image: str, output: str | None = None) -> float:
        """Seconds of one run on an array in a file, (1, 3, 512, 512)."""
        x = torch.from_numpy(np.load(image))
        with torch.no_grad():
            start = time.perf_counter()
            y = self.gfpganer.gfpgan(x, return_rgb=False)[0]
            seconds = time.perf_counter() - start
        if output:
            np.save(output, y.numpy())
        return seconds

    def restore(self, photo: str, faces: list[Any], upscale: int, output: str) -> float:
        """Seconds from file to file, as the script does it but without files of the single faces."""
        self.faces = np.array(
            [[*np.min(f, axis=0), *np.max(f, axis=0), 1, *np.ravel(f)] for f in faces], np.float32
        )
        self.gfpganer.upscale = self.gfpganer.face_helper.upscale_factor = upscale
        start = time.perf_counter()
        image = cv2.imread(photo, cv2.IMREAD_COLOR)
        _, _, restored = self.gfpganer.enhance(image, has_aligned=False, only_center_face=False, paste_back=True)
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(output, restored)
        return time.perf_counter() - start

    def paste(self, photo: str, faces: list[Any], upscale: int) -> dict[str, float]:
        """Seconds of laying restored faces into a photo in memory, and of those the seconds of parsing them."""
        helper = self.gfpganer.face_helper
        helper.clean_all()
        helper.upscale_factor = upscale
        helper.read_image(cv2.imread(photo, cv2.IMREAD_COLOR))
        helper.all_landmarks_5 = [np.array(face) for face in faces]
        helper.align_warp_face()
        for crop in helper.cropped_faces:
            helper.add_restored_face(crop)
        helper.get_inverse_affine(None)
        parsing = Timed(helper.face_parse)
        helper.face_parse = parsing
        start = time.perf_counter()
        helper.paste_faces_to_input_image()
        seconds = time.perf_counter() - start
        helper.face_parse = parsing.call
        return {"seconds": seconds, "parsing": parsing.seconds}


class Timed:
    """Calls a function and adds up its seconds."""

    def __init__(self, call: Any) -> None:
        self.call, self.seconds = call, 0.0

    def __call__(self, *arguments: Any) -> Any:
        start = time.perf_counter()
        result = self.call(*arguments)
        self.seconds += time.perf_counter() - start
        return result


if __name__ == "__main__":
    peer = Peer()
    serve(
        {
            "load": peer.load,
            "run_network": peer.run_network,
            "restore": peer.restore,
            "paste": peer.paste,
            "peak": peak_resident,
        }
    )
