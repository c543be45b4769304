"""From a configuration to a training: its networks placed on their device, with optimizers and precision.

The networks and losses themselves are made in `trainer.build`.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any

import torch

from core.engines.pytorch import to_channels_last
from core.errors import UsageError
from core.networks.gfpgan import GFPGAN
from core.networks.stylegan2 import StyleGAN2Generator
from trainer.adaptive_augmentation import AdaptiveAugmentation
from trainer.build import Criteria, Origin, new_component_discriminators, new_discriminator
from trainer.config import TrainConfig
from trainer.losses.adversarial import R1Penalty
from trainer.prior import PriorTraining
from trainer.processes import Processes
from trainer.restorer import Rates, RestorerTraining
from trainer.speed import checkpointed, fast_dtype
from trainer.types import Autocast

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def sample_size(config: TrainConfig, network: GFPGAN | StyleGAN2Generator) -> int:
    """The side of the samples in pixels: `data.size` for a restorer that has one, else the network's."""
    return config.data.size or network.size if config.trains == "restorer" else network.size


def base_rate(config: TrainConfig, network: GFPGAN | StyleGAN2Generator) -> float:
    """The learning rate of the network: `optimizer.rate`, for a clean network times `optimizer.clean_rate`."""
    clean = network.hyperparameters["variant"] == "clean"
    return config.optimizer.rate * (config.optimizer.clean_rate if clean else 1.0)


def new_training(
    config: TrainConfig, origin: Origin, criteria: Criteria | None, processes: Processes
) -> tuple[RestorerTraining | PriorTraining, torch.dtype]:
    """The training, and the precision of its forward passes; of a prior where there are no `criteria`.

    Raises UsageError for what this device cannot do, ConfigError and ModelError for unfit discriminators.
    """
    device = processes.device
    dtype = fast_dtype(device) if config.precision == "auto" else DTYPES[config.precision]
    network: Any = _placed(origin.network, processes)
    narrow = network.hyperparameters["narrow"]
    if config.checkpointing:
        checkpointed(network)
    if config.compile and device.type != "cuda":
        # torch 2.14's compiler fails at the backward pass of padding in channels_last.
        raise UsageError(f"PyTorch cannot compile this network for {device.type}; set compile=false.")
    # Batches are of one size: cuDNN measures once which of its convolutions is the fastest for each layer.
    torch.backends.cudnn.benchmark = device.type == "cuda"
    common: dict[str, Any] = {"processes": processes, "autocast": _autocast(device, dtype)}
    common["half"] = dtype == torch.float16
    if criteria is None:
        discriminator = _placed(new_discriminator(config, network.size, narrow), processes)
        prior = PriorTraining(
            network,
            discriminator,
            rate=base_rate(config, network),
            r1=R1Penalty(config.losses.r1, config.losses.r1_every),
            path_length=config.prior.path_length,
            path_every=config.prior.path_every,
            mixing=config.prior.mixing,
            ema=config.optimizer.ema,
            augmentation=AdaptiveAugmentation() if config.prior.augment else None,
            **common,
        )
        return prior, dtype
    for module in (criteria.perceptual, criteria.identity, criteria.features, criteria.embedding):
        if module is not None:
            module.to(device)
    whole = new_discriminator(config, sample_size(config, network), narrow) if config.losses.adversarial else None
    components = new_component_discriminators(config) if config.losses.component else {}
    options = config.optimizer
    rates = Rates(
        generator=base_rate(config, network),
        betas=options.betas,
        discriminators=config.discriminators.rate * (options.rate / base_rate(config, network)),
        ema=options.ema,
        delay=config.discriminators.delay,
    )
    restorer = RestorerTraining(
        network,
        criteria,
        rates,
        whole=_placed(whole, processes) if whole else None,
        components={name: _placed(module, processes) for name, module in components.items()},
        matching=config.losses.component_matching,
        run=torch.compile(network) if config.compile else None,
        # Checkpointing saves the state of random numbers, which a recording cannot, and a compiler records itself.
        graphed=device.type == "cuda" and not (config.compile or config.checkpointing),
        **common,
    )
    return restorer, dtype


def _placed(network: Any, processes: Processes) -> Any:
    """On this process's device, in the memory format of its fastest convolutions, the same in all processes."""
    network = to_channels_last(network.to(processes.device))
    processes.same_start(network)
    return network


def _autocast(device: torch.device, dtype: torch.dtype) -> Autocast:
    if dtype == torch.float32:
        return nullcontext
    return partial(torch.autocast, device.type, dtype)
