"""Which network a state dict belongs to, and all its hyperparameters, told from keys and shapes."""

import contextlib
import logging
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from core.networks.arcface import ArcFace
from core.networks.gfpgan import GFPGAN
from core.networks.stylegan2 import StyleGAN2Generator
from core.networks.variants import VARIANTS, VariantName, channels_at
from core.networks.weights import StateDict

log = logging.getLogger(__name__)

Kind = Literal["restorer", "detector", "parser", "upscaler", "prior", "identity"]

KIND_NAMES: dict[Kind, str] = {
    "restorer": "a face restorer",
    "detector": "a face detector",
    "parser": "a face parser",
    "upscaler": "a super-resolution network",
    "prior": "a StyleGAN2 generator",
    "identity": "a face recognition network",
}
"""What a kind is called in a sentence."""

CHANNEL_MULTIPLIERS = (2, 1, 0.5, 4, 0.25, 8, 3, 1.5)
"""Tried in this order. Networks below 64 px do not show theirs, and get the first."""


@dataclass(frozen=True)
class Source:
    """What is known about a state dict beside its tensors.

    `name` is the file's, for messages. `variant` is what the file's checksum or metadata or else the caller
    says about it, None if nobody does.
    """

    name: str
    metadata: Mapping[str, str]
    variant: str | None = None


@dataclass(frozen=True)
class Architecture:
    """One recognisable network: `marks` are keys that it has, and no other network in the registry has all.

    `build` makes the module for a state dict, its parameters unset or random (ValueError, KeyError or IndexError
    if the shapes fit no such network); `describe` gives a line about it. `tolerant` ignores keys that the
    module does not have. Where it `loads_itself`, `build` has loaded the state dict too. `licence` is what a user
    must be told, if anything.
    """

    kind: Kind
    marks: tuple[str, ...]
    build: Callable[[StateDict, Source], nn.Module]
    describe: Callable[[nn.Module], str]
    tolerant: bool = False
    loads_itself: bool = False
    licence: str = ""


def recognise(state: Mapping[str, Tensor]) -> Architecture | None:
    """The architecture of a state dict, None if unknown."""
    return next((a for a in ARCHITECTURES if all(mark in state for mark in a.marks)), None)


def has_ambiguous_variant(state: Mapping[str, Tensor]) -> bool:
    """Whether the keys leave open if a network is original or bilinear: only equalized decoders have this one."""
    return any(key.endswith("style_conv1.activate.bias") for key in state)


def _build_gfpgan(state: StateDict, source: Source) -> nn.Module:
    prefix = "stylegan_decoder."
    decoder = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    levels = _count(state, "toRGB.{}.weight")
    widths = [(8 << level, 0.5, state[f"toRGB.{level}.weight"].shape[1]) for level in range(levels)]
    widths.append((4, 0.5, state["final_linear.weight"].shape[1] // 16))
    options = _decoder_options(decoder, source, widths)
    rule_of_thumb: VariantName = "bilinear" if options["channel_multiplier"] >= 2 else "original"
    condition = state.get("condition_scale.0.2.weight")
    features = decoder["style_convs.1.modulated_conv.weight"].shape[1]
    return GFPGAN(
        _variant(decoder, source, rule_of_thumb),
        4 << levels,
        **options,
        sft_half=condition is None or condition.shape[0] != features,
        different_w=state["final_linear.weight"].shape[0] != options["style_dim"],
        input_is_latent=source.metadata.get("input_is_latent", "true") != "false",
        spatial_modulation=condition is not None,
    )


def _build_stylegan2(state: StateDict, source: Source) -> nn.Module:
    options = _decoder_options(state, source, [])
    # The official generator has FIR filters at every channel multiplier.
    variant = _variant(state, source, "original")
    return StyleGAN2Generator(variant, 4 << _count(state, "to_rgbs.{}.bias"), **options)


def _variant(decoder: StateDict, source: Source, rule_of_thumb: VariantName) -> VariantName:
    if not has_ambiguous_variant(decoder):
        if source.variant not in (None, "clean"):
            log.info("%s is a clean network by its keys, not %s.", source.name, source.variant)
        return "clean"
    if source.variant in ("original", "bilinear"):
        return VARIANTS[source.variant].name
    log.info(
        "Nothing says whether %s is an original or a bilinear network; taken as %s by its channels.",
        source.name,
        rule_of_thumb,
    )
    return rule_of_thumb


def _decoder_options(
    decoder: StateDict, source: Source, unet_widths: list[tuple[int, float, int]]
) -> dict[str, Any]:
    widths = [(4, 1.0, decoder["constant_input.weight"].shape[1]), *unet_widths]
    for level in range(_count(decoder, "to_rgbs.{}.bias")):
        channels = decoder[f"style_convs.{2 * level + 1}.modulated_conv.weight"].shape[1]
        widths.append((8 << level, 1.0, channels))
    channel_multiplier, narrow = _channel_options(widths, source.metadata)
    return {
        "style_dim": decoder["style_conv1.modulated_conv.modulation.weight"].shape[1],
        "channel_multiplier": channel_multiplier,
        "narrow": narrow,
        "num_mlp": sum(key.startswith("style_mlp.") and key.endswith(".weight") for key in decoder),
        "lr_mlp": float(source.metadata.get("lr_mlp", 0.01)),
    }


def _channel_options(widths: list[tuple[int, float, int]], metadata: Mapping[str, str]) -> tuple[float, float]:
    """Channel multiplier and narrow that give all `widths`: (resolution, share of narrow, channels).

    Rounding hides the exact narrow, but whatever gives the same widths is the same network. ValueError if
    nothing does.
    """
    candidates: list[tuple[float, float]] = []
    with contextlib.suppress(KeyError, ValueError):
        told = float(metadata["channel_multiplier"])
        candidates.append((int(told) if told.is_integer() else told, float(metadata["narrow"])))
    for multiplier in (*(told for told, _ in candidates), *CHANNEL_MULTIPLIERS):
        # channels = floor(full * narrow), so the largest quotient is the smallest narrow that may fit; a
        # hair more where the division rounded down.
        narrow = max(
            channels / (512 if resolution <= 32 else 16384 / resolution * multiplier) / share
            for resolution, share, channels in widths
        )
        candidates += [(multiplier, narrow), (multiplier, math.nextafter(narrow, math.inf))]
    for multiplier, narrow in candidates:
        with contextlib.suppress(ValueError):
            if all(channels_at(size, multiplier, narrow * share) == c for size, share, c in widths):
                return multiplier, narrow
    raise ValueError("the channels fit no channel multiplier")


def _build_arcface(state: StateDict, _: Source) -> nn.Module:
    blocks = [_count(state, f"layer{stage}.{{}}.conv1.weight") for stage in range(1, 5)]
    return ArcFace(blocks, use_se="layer1.0.se.fc.0.weight" in state)


def _build_retinaface(state: StateDict, _: Source) -> nn.Module:
    from facexlib.detection.retinaface import RetinaFace

    name = "mobile0.25" if "body.stage1.0.0.weight" in state else "resnet50"
    with warnings.catch_warnings():
        # facexlib asks torchvision for an untrained backbone by an argument that torchvision has renamed.
        warnings.filterwarnings("ignore", category=UserWarning, module="torchvision")
        module: nn.Module = RetinaFace(network_name=name, device=torch.device("cpu"))
    return module


def _build_parsenet(state: StateDict, _: Source) -> nn.Module:
    from facexlib.parsing.parsenet import ParseNet

    # The encoder halves the picture once a residual block down to 32 px, the decoder doubles it.
    module: nn.Module = ParseNet(
        in_size=32 << _count(state, "encoder.{}.conv1.conv2d.weight", start=1),
        out_size=32 << _count(state, "decoder.{}.conv1.conv2d.weight"),
        parsing_ch=state["out_mask_conv.conv2d.weight"].shape[0],
        base_ch=state["encoder.0.conv2d.weight"].shape[0],
        res_depth=_count(state, "body.{}.conv1.conv2d.weight"),
    )
    return module


def _count(state: Mapping[str, Tensor], pattern: str, start: int = 0) -> int:
    """How many of the keys `pattern` names exist, numbered without a gap from `start`."""
    index = start
    while pattern.format(index) in state:
        index += 1
    return index - start


def _describe_generator(name: str) -> Callable[[nn.Module], str]:
    def describe(module: nn.Module) -> str:
        assert isinstance(module, GFPGAN | StyleGAN2Generator)
        options = module.hyperparameters
        parameters = sum(parameter.numel() for parameter in module.parameters()) / 1e6
        return (
            f"{name} ({options['variant']}), {options['size']} px, channel multiplier "
            f"{options['channel_multiplier']}, {parameters:.1f} million parameters"
        )

    return describe


def _describe_retinaface(module: nn.Module) -> str:
    return f"RetinaFace ({module.cfg['name']})"  # type: ignore[index]


ARCHITECTURES: list[Architecture] = [
    Architecture(
        "restorer",
        ("final_linear.weight", "toRGB.0.weight", "stylegan_decoder.constant_input.weight"),
        _build_gfpgan,
        _describe_generator("GFP-GAN"),
    ),
    Architecture(
        "prior",
        ("constant_input.weight", "style_conv1.modulated_conv.weight"),
        _build_stylegan2,
        _describe_generator("StyleGAN2"),
    ),
    Architecture(
        "identity",
        ("layer1.0.bn0.weight", "fc5.weight", "bn5.weight"),
        _build_arcface,
        lambda _: "ArcFace ResNet for 128 px grey faces",
    ),
    Architecture(
        "detector",
        ("fpn.output1.0.weight", "ssh1.conv3X3.0.weight", "ClassHead.0.conv1x1.weight"),
        _build_retinaface,
        _describe_retinaface,
        tolerant=True,
    ),
    Architecture(
        "parser",
        ("encoder.0.conv2d.weight", "out_mask_conv.conv2d.weight", "out_img_conv.conv2d.weight"),
        _build_parsenet,
        lambda _: "ParseNet",
        tolerant=True,
    ),
]
"""The registry. Append to it to make another network known to `load_network`."""
