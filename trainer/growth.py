"""A larger network that makes the same images as a smaller one, to learn on from where that one ended.

Source: Chen, Goodfellow and Shlens 2016, "Net2Net". New channels start at random and nothing listens to them yet;
what was there hears only what it heard. New levels at the top pass the picture down to where the smaller network
began, and add nothing to its image.
"""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import Tensor, nn

from core.networks.gfpgan import GFPGAN
from core.networks.layers import SLOPE
from core.networks.variants import log2_size

_BOTH_SIGNS = 6
"""Channels that carry RGB through leaky ReLUs, as x and -x: lrelu(x) - lrelu(-x) = (1 + SLOPE) x."""


def grown(network: GFPGAN, *, size: int, channel_multiplier: float, narrow: float) -> GFPGAN:
    """The clean network of these sizes, none smaller than `network`'s, that makes its images.

    Of inputs of a larger size it makes what `network` makes of their means over areas, enlarged bilinearly.
    ValueError for a network that is not clean, for a smaller size, and for new levels of less than 6 channels.
    """
    old: dict[str, Any] = dict(network.hyperparameters)
    new = {**old, "size": size, "channel_multiplier": channel_multiplier, "narrow": narrow}
    if old["variant"] != "clean":
        raise ValueError("only a clean network can grow")
    for name, value in new.items():
        if value != old[name] and value < old[name]:
            raise ValueError(f"{name} is {value}, less than the network's {old[name]}")
    large = GFPGAN(**new)
    levels = log2_size(size) - log2_size(old["size"])
    state = large.state_dict()
    for key, value in network.state_dict().items():
        if not (levels and key.startswith("conv_body_first.")):
            _copy(key, value, state[_moved(key, levels)], sft_half=old["sft_half"])
    for level in range(len(network.stylegan_decoder.to_rgbs), len(large.stylegan_decoder.to_rgbs)):
        state[f"stylegan_decoder.to_rgbs.{level}.modulated_conv.weight"].zero_()
    if levels:
        _pass_down(large, network, levels)
    return large


def _moved(key: str, levels: int) -> str:
    """An entry's name in a network of so many levels more: the downward blocks count from the top."""
    return re.sub(r"^(conv_body_down\.)(\d+)", lambda found: f"{found[1]}{int(found[2]) + levels}", key)


def _copy(key: str, old: Tensor, new: Tensor, *, sft_half: bool) -> None:
    """Put an entry where its channels are in the larger network."""
    if old.ndim == 5 or (old.ndim == 4 and key.endswith(("bias", "constant_input.weight"))):
        old, new = old[0], new[0]
    outputs, inputs = torch.arange(old.shape[0]), None
    if key.endswith("weight") and "constant_input" not in key and old.ndim > 1:
        inputs = torch.arange(old.shape[1])
    if sft_half and (found := re.search(r"style_convs\.(\d+)\.", key)):
        # CS-SFT comes between the two convolutions of a level, and leaves the first half of the channels alone.
        # What a modulation makes are its convolution's inputs.
        first, modulation = int(found[1]) % 2 == 0, "modulation" in key
        if first != modulation:
            outputs = _in_halves(old.shape[0], new.shape[0])
        elif not first and inputs is not None:
            inputs = _in_halves(old.shape[1], new.shape[1])
    if inputs is None:
        new[outputs] = old
    else:
        new[outputs] = 0
        new[outputs[:, None], inputs] = old


def _in_halves(old: int, new: int) -> Tensor:
    """Where `old` channels are among `new`: each half at the beginning of the larger half."""
    kept = old - old // 2
    return torch.cat((torch.arange(kept), torch.arange(old // 2) + new - new // 2))


@torch.no_grad()
def _pass_down(large: GFPGAN, network: GFPGAN, levels: int) -> None:
    """Have the new downward blocks give the first old one what the smaller network's first layer makes."""
    first: Any = large.conv_body_first
    if first.out_channels < _BOTH_SIGNS:
        raise ValueError(f"a new level has {first.out_channels} channels, less than the {_BOTH_SIGNS} it needs")
    signs = torch.cat((torch.eye(3), -torch.eye(3)))
    # What undoes `signs` after their leaky ReLU.
    again = signs @ signs.T / (1 + SLOPE)
    _set(first, signs)
    old_first: Any = network.conv_body_first
    colours = old_first.weight[:, :, 0, 0] @ signs.T / (1 + SLOPE)
    for level in range(levels):
        block: Any = large.conv_body_down[level]
        last = level == levels - 1
        _set(block.conv1, again)
        _set(block.conv2, colours if last else again, old_first.bias if last else None)
        block.skip.weight[: len(colours) if last else _BOTH_SIGNS] = 0


def _set(convolution: nn.Conv2d, weight: Tensor, bias: Tensor | None = None) -> None:
    """Make the first outputs this matrix of the first inputs, at each place by itself."""
    rows, columns = weight.shape
    middle = convolution.kernel_size[0] // 2
    convolution.weight[:rows] = 0
    convolution.weight[:rows, :columns, middle, middle] = weight
    if convolution.bias is not None:
        convolution.bias[:rows] = 0 if bias is None else bias
