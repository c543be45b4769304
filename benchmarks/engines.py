"""How fast each engine of the processor is, and how far from float32.

    python -m benchmarks.engines [--threads 2] [--repeats 9] [--faces FOLDER]

First a restorer of the published shape with random parameters, on noise: PyTorch and OpenVINO, in float32 and
bfloat16, take turns in one run. The floor is the network's operations at the rate of one large convolution. With
--faces then the bundled restorer on every face of that folder (aligned crops, such as `train prepare` writes), in
both precisions of OpenVINO.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import by_turns, convolution_rate
from core.assembly import load_restorer
from core.engines.engine import Engine, FloatArray, Precision, Target
from core.engines.opening import open_network
from core.networks.gfpgan import GFPGAN
from trainer.scoring.pictures import as_face_crop, read_crop

PRECISIONS = {Precision.FP32: torch.float32, Precision.BF16: torch.bfloat16}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--faces", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    by_engine(options.threads, options.repeats)
    if options.faces:
        by_precision(sorted(options.faces.glob("*.png")), options.threads)


def by_engine(threads: int, repeats: int) -> None:
    """Print seconds, largest error and PSNR against PyTorch in float32 of each engine and precision."""
    torch.manual_seed(0)
    network = GFPGAN("clean").eval()
    image = torch.rand(1, 3, 512, 512) * 2 - 1
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(image)
    targets = [
        Target(backend, device, precision, threads)
        for backend, device in (("pytorch", "cpu"), ("openvino", "CPU"))
        for precision in PRECISIONS
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.safetensors"
        save_file(network.state_dict(), file)
        engines: list[Engine] = [open_network(file, "restorer", target).engine for target in targets]
    outputs = [engine.run(image.numpy()) for engine in engines]
    seconds = by_turns([partial(engine.run, image.numpy()) for engine in engines], repeats)
    for target, taken, output in zip(targets, seconds, outputs, strict=True):
        print(f"{target.backend:9}{target.precision:6}{taken:7.3f} s  {_apart(output, outputs[0])}")
    for precision, dtype in PRECISIONS.items():
        rate = convolution_rate(dtype, torch.device("cpu"))
        floor = counter.get_total_flops() / rate
        print(f"floor    {precision:6}{floor:7.3f} s  {rate / 1e9:.0f} GFLOP/s")


def by_precision(files: list[Path], threads: int) -> None:
    """Print how far bfloat16 is from float32 on these faces: PSNR in dB, and the largest difference in levels."""
    restorers = [load_restorer("bundled-restorer", Target("openvino", "CPU", p, threads))[0] for p in PRECISIONS]
    decibels, largest = [], 0.0
    for file in files:
        crop = as_face_crop(read_crop(file))
        exact, fast = (np.asarray(r.restore([crop])[0].restored, np.float64) for r in restorers)
        decibels.append(10 * np.log10(255**2 / np.mean((exact - fast) ** 2)))
        largest = max(largest, float(np.abs(exact - fast).max()))
    print(
        f"bf16 of the bundled restorer on {len(files)} faces: PSNR at least {min(decibels):.1f}, "
        f"median {np.median(decibels):.1f} dB; at most {largest:.0f} levels"
    )


def _apart(output: FloatArray, exact: FloatArray) -> str:
    if output is exact:
        return ""
    error = np.asarray(output - exact, np.float64)
    decibels = 10 * np.log10(np.ptp(exact) ** 2 / np.mean(error**2))
    return f"largest error {100 * np.abs(error).max() / np.abs(exact).max():.4f} %, PSNR {decibels:.1f} dB"


if __name__ == "__main__":
    main()
