"""Clean and bilinear GFP-GAN are one network: the clean one has the run-time scales in its weights.

A leaky ReLU lets a positive factor through, so the equalized layers' 1 / sqrt(fan_in), the activations' sqrt(2)
and the residual sums' 1 / sqrt(2) can all move into weights and biases, and out again. So a clean network can be
trained as bilinear: convert, train, convert back.
"""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from core.networks.layers import ROOT2


class _Rule(NamedTuple):
    """How an entry of a state dict is converted: clean = bilinear * gain, divided by sqrt(fan_in) if `equalized`.

    `bilinear` and `clean` are patterns of its key in both networks; what a star stands for is the same in both.
    """

    bilinear: str
    clean: str
    gain: float = 1.0
    equalized: bool = False


def _same(key: str, gain: float = 1.0, *, equalized: bool = False) -> _Rule:
    return _Rule(key, key, gain, equalized)


def _activated(bilinear: str, clean: str) -> list[_Rule]:
    return [
        _Rule(f"{bilinear}.0.weight", f"{clean}.weight", ROOT2, equalized=True),
        _Rule(f"{bilinear}.1.bias", f"{clean}.bias", ROOT2),
    ]


# The first rule whose pattern matches a key is the key's.
RULES = [
    _same("*.modulation.weight", equalized=True),
    _same("*.modulation.bias"),
    _same("*.modulated_conv.weight", equalized=True),
    _same("*to_rgb*.bias"),
    _same("*noises.*"),
    _same("*constant_input.weight"),
    _Rule("*style_conv*.activate.bias", "*style_conv*.bias", ROOT2),
    # The strength of the noise: added before the bilinear network's sqrt(2), after the clean one's.
    _same("*style_conv*.weight", ROOT2),
    *_activated("conv_body_first", "conv_body_first"),
    *_activated("conv_body_*.conv1", "conv_body_*.conv1"),
    *_activated("final_conv", "final_conv"),
    # In a residual block the sum's 1 / sqrt(2) cancels the activation's sqrt(2) and is left on the shortcut.
    _Rule("conv_body_down.*.conv2.1.weight", "conv_body_down.*.conv2.weight", equalized=True),
    _Rule("conv_body_down.*.conv2.2.bias", "conv_body_down.*.conv2.bias"),
    _Rule("conv_body_down.*.skip.1.weight", "conv_body_down.*.skip.weight", 1 / ROOT2, equalized=True),
    _same("conv_body_up.*.conv2.weight", equalized=True),
    _Rule("conv_body_up.*.conv2.activation.bias", "conv_body_up.*.conv2.bias"),
    _same("conv_body_up.*.skip.weight", 1 / ROOT2, equalized=True),
    _same("toRGB.*.weight", equalized=True),
    _same("toRGB.*.bias"),
    _same("final_linear.weight", equalized=True),
    _same("final_linear.bias"),
    _same("condition_*.0.weight", ROOT2, equalized=True),
    _same("condition_*.0.bias", ROOT2),
    _same("condition_*.2.weight", equalized=True),
    _same("condition_*.2.bias"),
]


def bilinear_to_clean(state: Mapping[str, Tensor], lr_mlp: float = 0.01) -> dict[str, Tensor]:
    """The clean network's state dict from the bilinear one's, of a GFP-GAN or a StyleGAN2 generator.

    `lr_mlp` is the bilinear network's learning rate multiplier of the mapping network. Dtypes and devices are
    kept. ValueError for a key that no bilinear network has. An original network has the same keys but filters
    that no clean network can express: converting one gives another image, and is the caller's mistake.
    """
    return dict(_convert(key, value, to_clean=True, lr_mlp=lr_mlp) for key, value in state.items())


def clean_to_bilinear(state: Mapping[str, Tensor], lr_mlp: float = 0.01) -> dict[str, Tensor]:
    """The inverse of `bilinear_to_clean`, but for the last bit. ValueError for a key that no clean network has."""
    return dict(_convert(key, value, to_clean=False, lr_mlp=lr_mlp) for key, value in state.items())


def _convert(key: str, value: Tensor, *, to_clean: bool, lr_mlp: float) -> tuple[str, Tensor]:
    if mapping := re.fullmatch(r"(.*style_mlp\.)(\d+)\.(weight|bias)", key):
        # The clean mapping network keeps its activations as layers of their own: 1, 2, 3 are 1, 3, 5.
        prefix, index, entry = mapping[1], int(mapping[2]), mapping[3]
        index = 2 * index - 1 if to_clean else (index + 1) // 2
        new_key, gain, equalized = f"{prefix}{index}.{entry}", ROOT2 * lr_mlp, entry == "weight"
    else:
        new_key, gain, equalized = _rename(key, to_clean=to_clean)
    if equalized:
        # (out, in), (out, in, k, k) or a modulated convolution's (1, out, in, k, k).
        gain /= math.sqrt(math.prod(value.shape[1:] if value.ndim < 5 else value.shape[2:]))
    converted = value.to(torch.float64) * (gain if to_clean else 1 / gain)
    if re.fullmatch(r".*style_conv.*\.bias", new_key) and "modul" not in new_key:
        converted = converted.view(1, -1, 1, 1) if to_clean else converted.flatten()
    return new_key, converted.to(value.dtype)


def _rename(key: str, *, to_clean: bool) -> tuple[str, float, bool]:
    for rule in RULES:
        old, new = (rule.bilinear, rule.clean) if to_clean else (rule.clean, rule.bilinear)
        if match := re.fullmatch(re.escape(old).replace(r"\*", "(.*)"), key):
            stars = iter(match.groups())
            return re.sub(r"\*", lambda _: next(stars), new), rule.gain, rule.equalized  # noqa: B023
    raise ValueError(f"no {'bilinear' if to_clean else 'clean'} network has an entry '{key}'")
