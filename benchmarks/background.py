"""How fast a super-resolution network enlarges photos here, and how much memory it takes.

    python benchmarks/background.py WEIGHTS [--megapixels 0.25 1 4]

For each target of this machine: photo megapixels a second at factor 2, the PSNR to float32 on the same picture,
and the memory that the process takes at most beyond the photo and its result, for photos of several sizes. The
floor is the convolutions' operations at the rate that plain ones reach here.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import convolution_rate
from core.background import TiledUpscaler
from core.devices import choose_target
from core.engines.engine import Precision
from core.engines.opening import open_network
from core.networks.loading import load_network
from tests.conftest import smooth_photo


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("weights", type=Path)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.25, 1.0, 4.0])
    parser.add_argument("--memory-of", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        print(_memory(options.weights, options.memory_of))
        return
    _speed(options.weights, options.megapixels[1])
    for megapixels in options.megapixels:
        command = [sys.executable, "-m", "benchmarks.background", str(options.weights)]
        command += ["--memory-of", str(megapixels)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f"{megapixels:g} megapixels: {float(done.stdout) / 1e6:.0f} MB beyond photo and result")


def _photo(megapixels: float) -> np.ndarray:
    side = round((megapixels * 1e6) ** 0.5)
    grain = np.random.default_rng(1).normal(0, 6, (side, side, 1))
    return np.clip(smooth_photo(side, side, seed=1) + grain, 0, 255).astype(np.uint8)


def _speed(weights: Path, megapixels: float) -> None:
    photo, exact = _photo(megapixels), None
    network = load_network(weights, known_variants={})
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network.module(torch.zeros(1, 3, 64, 64))
    operations = counter.get_total_flops() / 64**2
    target = choose_target()
    exactly = replace(target, precision=Precision.FP32)
    plain = replace(exactly, backend="pytorch", device="cpu")
    for each in dict.fromkeys([target, exactly, plain]):
        opened = open_network(weights, "upscaler", each)
        upscaler = TiledUpscaler(opened.engine, opened.facts.scale)
        upscaler.upscale(photo[:64, :64], 2)
        times = []
        for _ in range(3):
            start = time.perf_counter()
            result = upscaler.upscale(photo, 2)
            times.append(time.perf_counter() - start)
        seconds = sorted(times)[1]
        dtype = torch.bfloat16 if each.precision is Precision.BF16 else torch.float32
        floor = operations * photo.shape[0] * photo.shape[1] / convolution_rate(dtype, torch.device("cpu"))
        exact = result if each.precision is Precision.FP32 else exact
        print(f"{each}: {megapixels / seconds:.3f} megapixels a second ({seconds:.2f} s; floor {floor:.2f} s)")
        if each.precision is not Precision.FP32:
            low = result
    if exact is not None and target.precision is not Precision.FP32:
        error = np.mean((exact.astype(float) - low) ** 2)
        print(f"PSNR of {target.precision} to float32: {10 * np.log10(255**2 / error):.1f} dB")


def _memory(weights: Path, megapixels: float) -> int:
    photo = _photo(megapixels)
    opened = open_network(weights, "upscaler", choose_target())
    result = TiledUpscaler(opened.engine, opened.facts.scale).upscale(photo, 2)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - photo.nbytes - result.nbytes


if __name__ == "__main__":
    main()
