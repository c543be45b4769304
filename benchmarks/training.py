"""How fast training is, by its parts, beside the same step written the obvious way.

    python benchmarks/training.py [--preset bundled|standard] [--batch 4] [--threads N] [--precision fp32|bf16]
                                  [--full] [--data DATASET]

First the generator alone, forward and backward with L1 and pyramid loss: ours and `naive.py` (grouped
convolutions with weights for each sample, NCHW, float32) take turns in one run. The floor is what the network's
convolutions and matrix products would take at the rate of one large convolution on this device. With --full then
every part of the trainer's own step with fresh discriminators, and with --data what the data takes.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measuring import by_turns, convolution_rate, peak_resident
from benchmarks.naive import NaiveGFPGAN
from core.engines.pytorch import best_device, to_channels_last
from core.networks.gfpgan import GFPGAN
from trainer.build import Criteria, new_component_discriminators, new_discriminator
from trainer.components import boxes_from_landmarks
from trainer.data import Loader
from trainer.dataset import read_dataset
from trainer.durations import amount
from trainer.estimate import peak_memory
from trainer.faces import Source
from trainer.losses.adversarial import AdversarialLoss, R1Penalty
from trainer.losses.component import ComponentLoss
from trainer.losses.reconstruction import L1Loss, PyramidLoss
from trainer.resolving import load_preset, resolve
from trainer.restorer import Rates, RestorerTraining, noise_for
from trainer.speed import fast_dtype, keep_freed_memory
from trainer.types import Batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=["bundled", "standard"], default="bundled")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--precision", choices=["fp32", "bf16"], help="of ours; the faster one")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = best_device()
    if device.type == "cpu":
        keep_freed_memory()  # as the trainer does
    config = resolve(load_preset(options.preset))
    batch = options.batch or (4 if options.preset == "bundled" else 1)
    network = config.network
    sizes = (network.size, network.style_dim, network.channel_multiplier, network.narrow, network.num_mlp)
    torch.manual_seed(0)
    theirs = GFPGAN("bilinear", *sizes).train().to(device)
    ours = GFPGAN("bilinear", *sizes).train().to(device)
    ours.load_state_dict(theirs.state_dict())
    to_channels_last(ours)
    samples = fake_batch(batch, network.size, device)
    threads = torch.get_num_threads()
    print(
        f"{options.preset}: {network.size} px, batch {batch}, {device}, {threads} threads, "
        f"torch {torch.__version__}"
    )
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}.get(options.precision, fast_dtype(device))
    compare(theirs, ours, samples, dtype, options.repeats)
    if options.full:
        parts(config, ours, samples, dtype, options.repeats)
    if options.data:
        data(options.data, network.size, batch, config, device)
    print(f"memory of this process at its peak: {amount(peak())}")


def fake_batch(count: int, size: int, device: torch.device) -> Batch:
    """Noise: what a step takes does not depend on what it sees."""
    images = torch.rand(2, count, 3, size, size) * 2 - 1
    landmarks = torch.tensor([[0.38, 0.47], [0.62, 0.47], [0.5, 0.6], [0.4, 0.72], [0.6, 0.72]]) * size
    found = boxes_from_landmarks(landmarks.numpy(), size)
    boxes = torch.tensor([found.left_eye, found.right_eye, found.mouth]).float().expand(count, -1, -1)
    return Batch(images[0], images[1], boxes.contiguous(), torch.arange(count)).to(device)


def reconstruction(image: Tensor, pyramid: list[Tensor], truth: Tensor) -> Tensor:
    return L1Loss(1.0)(image, truth)["l1"] + PyramidLoss(0.25)(pyramid, truth, 0)["pyramid"]


def compare(theirs: GFPGAN, ours: GFPGAN, batch: Batch, dtype: torch.dtype, repeats: int) -> None:
    """The generator's step, the naive one and ours by turns."""
    naive, noise = NaiveGFPGAN(theirs), noise_for(ours, batch.seeds)

    def step_naively() -> None:
        reconstruction(*naive(batch.inputs, noise), batch.truths).backward()
        theirs.zero_grad()

    def step() -> None:
        inputs = batch.inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(inputs.device.type, dtype, enabled=dtype != torch.float32):
            loss = reconstruction(*ours(inputs, noise=noise, return_rgb=True), batch.truths)
        loss.backward()
        ours.zero_grad()

    with FlopCounterMode(display=False) as counter:
        step_naively()
    operations = counter.get_total_flops()
    slow, fast = by_turns([step_naively, step], repeats)
    rate = convolution_rate(dtype, batch.truths.device)
    floor = operations / rate
    count = len(batch)
    print(f"generator with L1 and pyramid, forward and backward, {dtype}:")
    print(f"  naive  {slow:7.3f} s  {count / slow:6.2f} faces/s")
    print(f"  ours   {fast:7.3f} s  {count / fast:6.2f} faces/s   {slow / fast:.2f} times as fast")
    print(
        f"  floor  {floor:7.3f} s  {operations / 1e9:.0f} GFLOP (the naive count) at {rate / 1e9:.0f} GFLOP/s; "
        f"ours reaches {floor / fast:.0%} of it"
    )


def parts(config: Any, generator: GFPGAN, batch: Batch, dtype: torch.dtype, repeats: int) -> None:
    """What each part of the trainer's step takes."""
    device = batch.truths.device
    losses = Criteria(L1Loss(), PyramidLoss(), AdversarialLoss(), ComponentLoss(), R1Penalty())
    place = lambda network: to_channels_last(network.to(device))  # noqa: E731
    training = RestorerTraining(
        generator,
        losses,
        Rates(),
        whole=place(new_discriminator(config, generator.size, generator.hyperparameters["narrow"])),
        components={name: place(d) for name, d in new_component_discriminators(config).items()},
        autocast=partial(torch.autocast, device.type, dtype, enabled=dtype != torch.float32),
    )
    seen: dict[str, Any] = {}

    def forward() -> None:
        with training.autocast():
            seen["image"], seen["terms"] = training.generator_terms(1, batch)

    def backward() -> None:
        torch.stack(list(seen["terms"].values())).sum().backward()

    def discriminators() -> None:
        with training.autocast():
            terms, _ = training.discriminator_terms(batch, seen["image"].detach())
        torch.stack(list(terms.values())).sum().backward()

    def penalty() -> None:
        training.criteria.r1(training.whole, batch.truths, 0)["r1"].backward()

    def optimizers() -> None:
        training.optimizer.step()
        for optimizer in training.optimizers.values():
            optimizer.step()

    timed = by_turns([forward, backward, discriminators, penalty, optimizers], repeats)
    average = by_turns([lambda: training.average.update_parameters(generator)], repeats)[0]
    names = [
        "generator and losses, forward",
        "their backward",
        "discriminators",
        "R1 (every 16th step)",
        "optimizers",
    ]
    print("the trainer's step (fresh discriminators, adversarial and component terms, no feature networks):")
    for name, seconds in [*zip(names, timed, strict=True), ("average", average)]:
        print(f"  {name:30} {seconds:7.3f} s")
    whole = by_turns([lambda: training.update(1, [batch], 1.0)], repeats)[0]
    print(f"  a whole step: {whole:.3f} s, {len(batch) / whole:.2f} faces/s")


def data(folder: Path, size: int, batch: int, config: Any, device: torch.device) -> None:
    """Reading and degrading, in this process."""
    source = Source(folder, read_dataset(folder).accepted, size, config.degradation, 0)
    with Loader(source, batch, device=device, warn=print) as loader:
        batches = loader.batches(0)
        next(batches)
        seconds = by_turns([lambda: next(batches)], 8)[0]
    print(f"data: {1000 * seconds / batch:.1f} ms a face, in one process")


def peak() -> int:
    if torch.cuda.is_available():
        return peak_memory(torch.device("cuda"))
    try:
        return peak_resident()
    except ImportError:
        return peak_memory(torch.device("cpu"))


if __name__ == "__main__":
    main()
