"""GFP-GAN: a degradation removal U-Net and a StyleGAN2 prior, joined by latents and CS-SFT (paper, section 3)."""

from torch import Tensor, nn

from core.networks.stylegan2 import Noise, StyleGAN2Generator
from core.networks.unet import DegradationRemovalUNet
from core.networks.variants import Variant, VariantName, channels_at, get_variant, log2_size


class GFPGAN(DegradationRemovalUNet):
    """Restores face crops: RGB in [-1, 1], (N, 3, size, size) -> RGB, same shape, about [-1, 1], not clamped.

    variant             "clean", "original" or "bilinear"; see `variants.py`
    size                width and height, a power of two of at least 8 (published: 512)
    style_dim           length of a latent w (published: 512)
    channel_multiplier  StyleGAN2's factor on the channels from 64 px up (paper: 1, later: 2)
    narrow              factor on all channels
    num_mlp             depth of the mapping network
    sft_half            CS-SFT, which leaves half of the channels to the prior; False is plain SFT
    different_w         one latent a layer (W+); False uses one for all
    input_is_latent     the mapped vectors are w; False sends them through the mapping network as z
    spatial_modulation  False leaves the conditions out (ablation a of table 4)
    lr_mlp              the mapping network's learning rate multiplier, in equalized variants

    ValueError for a size or narrow that makes no network. `hyperparameters` repeats the arguments.
    """

    def __init__(
        self,
        variant: Variant | VariantName,
        size: int = 512,
        style_dim: int = 512,
        channel_multiplier: float = 2,
        narrow: float = 1.0,
        num_mlp: int = 8,
        sft_half: bool = True,
        different_w: bool = True,
        input_is_latent: bool = True,
        *,
        spatial_modulation: bool = True,
        lr_mlp: float = 0.01,
    ) -> None:
        variant = get_variant(variant)
        super().__init__(variant, size, channel_multiplier, narrow)
        decoder = StyleGAN2Generator(variant, size, style_dim, channel_multiplier, narrow, num_mlp, lr_mlp=lr_mlp)
        self.hyperparameters: dict[str, str | int | float | bool] = {
            **decoder.hyperparameters,
            "sft_half": sft_half,
            "different_w": different_w,
            "input_is_latent": input_is_latent,
            "spatial_modulation": spatial_modulation,
        }
        self.size, self.style_dim = size, style_dim
        self.different_w, self.input_is_latent = different_w, input_is_latent
        latent_width = 16 * channels_at(4, channel_multiplier, narrow / 2)
        self.final_linear = variant.linear(latent_width, style_dim * (decoder.num_latents if different_w else 1))
        self.stylegan_decoder = decoder
        self.condition_scale = nn.ModuleList()
        self.condition_shift = nn.ModuleList()
        for level in range(3, log2_size(size) + 1) if spatial_modulation else ():
            features = channels_at(2**level, channel_multiplier, narrow / 2)
            modulated = channels_at(2**level, channel_multiplier, narrow)
            modulated = modulated // 2 if sft_half else modulated
            self.condition_scale.append(variant.condition(features, modulated, bias_fill=1.0))
            self.condition_shift.append(variant.condition(features, modulated, bias_fill=0.0))

    def forward(
        self, image: Tensor, *, noise: Noise = None, return_rgb: bool = False
    ) -> Tensor | tuple[Tensor, list[Tensor]]:
        """The restored crops; with `return_rgb` also the U-Net's pyramid, images (N, 3, R, R) for R = 8 to size.

        `noise` None uses the stored buffers, so that the same crop gives the same pixels.
        """
        latent_features, spatial_features = self.remove_degradation(image)
        style = self.final_linear(latent_features.flatten(1))
        if self.different_w:
            style = style.unflatten(1, (-1, self.style_dim))
        conditions = [
            (scale(x), shift(x))
            for scale, shift, x in zip(self.condition_scale, self.condition_shift, spatial_features, strict=False)
        ]
        restored: Tensor = self.stylegan_decoder(
            style,
            conditions=conditions or None,
            input_is_latent=self.input_is_latent,
            noise=noise,
        )
        return (restored, self.pyramid(spatial_features)) if return_rgb else restored
