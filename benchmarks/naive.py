"""GFP-GAN's bilinear network written the obvious way: what `benchmarks/training.py` measures the trainer against.

Every sample gets its own modulated weights and the batch runs as one grouped convolution; activations are
contiguous, all resampling is `F.interpolate`, every scale, bias and gain is an operation of its own, and nothing
is fused or reordered. The parameters are those of a `core.networks.gfpgan.GFPGAN`, under the same names.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.gfpgan import GFPGAN


class NaiveGFPGAN:
    """Computes what `network` (variant "bilinear", W+, CS-SFT) computes, from its own parameters.

    Call with images (N, 3, size, size) and noise, one (N or 1, 1, H, W) tensor a layer; returns the restored
    images and the pyramid. ValueError for another kind of network.
    """

    def __init__(self, network: GFPGAN) -> None:
        options = network.hyperparameters
        if (options["variant"], options["different_w"], options["sft_half"]) != ("bilinear", True, True):
            raise ValueError("only a bilinear network with W+ and CS-SFT is written here")
        self.parameters = dict(network.named_parameters())
        self.levels = len(network.conv_body_up)
        self.style_dim = network.style_dim
        self.num_latents = network.stylegan_decoder.num_latents

    def __call__(self, image: Tensor, noise: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        x = self.activate(self.conv(image, "conv_body_first.0"), "conv_body_first.1")
        skips = []
        for level in range(self.levels):
            x = self.res_block(x, f"conv_body_down.{level}", 0.5)
            skips.insert(0, x)
        x = self.activate(self.conv(x, "final_conv.0"), "final_conv.1")
        latents = self.linear(x.reshape(len(x), -1), "final_linear")
        latents = latents.view(len(x), self.num_latents, self.style_dim)
        pyramid, conditions = [], []
        for level in range(self.levels):
            x = self.res_block(x + skips[level], f"conv_body_up.{level}", 2)
            conditions.append(
                [self.condition(x, f"{name}.{level}") for name in ("condition_scale", "condition_shift")]
            )
            pyramid.append(self.conv(x, f"toRGB.{level}"))
        return self.decode(latents, conditions, noise), pyramid

    def decode(self, latents: Tensor, conditions: list[list[Tensor]], noise: list[Tensor]) -> Tensor:
        constant = self.parameters["stylegan_decoder.constant_input.weight"]
        x = constant.repeat(len(latents), 1, 1, 1)
        x = self.style_conv(x, latents[:, 0], noise[0], "style_conv1")
        image = self.to_rgb(x, latents[:, 1], "to_rgb1")
        for level, (scale, shift) in enumerate(conditions):
            first, second = 2 * level + 1, 2 * level + 2
            x = self.style_conv(x, latents[:, first], noise[first], f"style_convs.{first - 1}", upsample=True)
            kept, modulated = x.split(x.shape[1] // 2, dim=1)
            x = torch.cat([kept, modulated * scale + shift], dim=1)
            x = self.style_conv(x, latents[:, second], noise[second], f"style_convs.{second - 1}")
            image = resize(image, 2) + self.to_rgb(x, latents[:, second + 1], f"to_rgbs.{level}")
        return image

    def res_block(self, x: Tensor, name: str, scale_factor: float) -> Tensor:
        out = self.activate(self.conv(x, f"{name}.conv1.0"), f"{name}.conv1.1")
        if scale_factor == 2:
            out = self.activate(self.conv(resize(out, 2), f"{name}.conv2"), f"{name}.conv2.activation")
            skip = self.conv(resize(x, 2), f"{name}.skip")
        else:
            out = self.activate(self.conv(resize(out, 0.5), f"{name}.conv2.1"), f"{name}.conv2.2")
            skip = self.conv(resize(x, 0.5), f"{name}.skip.1")
        return (out + skip) / math.sqrt(2)

    def condition(self, x: Tensor, name: str) -> Tensor:
        x = F.leaky_relu(self.conv(x, f"{name}.0"), 0.2) * math.sqrt(2)
        return self.conv(x, f"{name}.2")

    def style_conv(self, x: Tensor, style: Tensor, noise: Tensor, name: str, upsample: bool = False) -> Tensor:
        name = f"stylegan_decoder.{name}"
        x = self.modulated_conv(x, style, f"{name}.modulated_conv", demodulate=True, upsample=upsample)
        return self.activate(x + self.parameters[f"{name}.weight"] * noise, f"{name}.activate")

    def to_rgb(self, x: Tensor, style: Tensor, name: str) -> Tensor:
        name = f"stylegan_decoder.{name}"
        x = self.modulated_conv(x, style, f"{name}.modulated_conv", demodulate=False)
        return x + self.parameters[f"{name}.bias"]

    def modulated_conv(
        self, x: Tensor, style: Tensor, name: str, *, demodulate: bool, upsample: bool = False
    ) -> Tensor:
        weight = self.parameters[f"{name}.weight"]
        _, out_channels, in_channels, size, _ = weight.shape
        style = self.linear(style, f"{name}.modulation").view(-1, 1, in_channels, 1, 1)
        weight = weight / math.sqrt(in_channels * size**2) * style
        if demodulate:
            weight = weight * torch.rsqrt(weight.pow(2).sum((2, 3, 4), keepdim=True) + 1e-8)
        if upsample:
            x = resize(x, 2)
        batch, _, height, width = x.shape
        x = x.reshape(1, batch * in_channels, height, width)
        weight = weight.view(batch * out_channels, in_channels, size, size)
        return F.conv2d(x, weight, padding=size // 2, groups=batch).view(batch, out_channels, height, width)

    def conv(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self.parameters[f"{name}.weight"], self.parameters.get(f"{name}.bias")
        size = weight.shape[-1]
        return F.conv2d(x, weight / math.sqrt(weight.shape[1] * size**2), bias, padding=size // 2)

    def linear(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"]
        return F.linear(x, weight / math.sqrt(weight.shape[1]), bias)

    def activate(self, x: Tensor, name: str) -> Tensor:
        bias = self.parameters[f"{name}.bias"].view(1, -1, 1, 1)
        return F.leaky_relu(x + bias, 0.2) * math.sqrt(2)


def resize(x: Tensor, scale_factor: float) -> Tensor:
    return F.interpolate(x, scale_factor=scale_factor, mode="bilinear", align_corners=False)
