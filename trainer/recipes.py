"""What training does to good faces: ranges, and the recipes of paper and release (paper, section 4.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from enum import StrEnum

Range = tuple[float, float]
"""The ends of a uniform distribution."""


class Resampling(StrEnum):
    """How a picture is made smaller and larger again.

    BILINEAR takes the four nearest samples, as the released code does (OpenCV's INTER_LINEAR: no filter
    against aliasing, which the blur before it is for). BICUBIC is Keys' kernel with a = -0.5, widened where
    it shrinks (Pillow's, and MATLAB's imresize).
    """

    BILINEAR = "bilinear"
    BICUBIC = "bicubic"


@dataclass(frozen=True)
class Degradation:
    """What the inputs of training suffer. The defaults are the released options, for 512 px pictures.

    Each range is that of a uniform distribution; ends that are equal fix the value. The stages, in order:

    sigma: width of the Gaussian blur in pixels, above 0. With probability `anisotropic` the kernel has two
        independent widths along axes turned by an angle in [-pi, pi), else one.
    kernel_size: side of the blur kernel in pixels, odd; 1 switches the blur off.
    factor: the sides become floor(side / factor) pixels long, at least 1; below 1 they grow.
    noise: standard deviation of the Gaussian noise, in 255ths of the range; 0 for none.
    jpeg: quality in [1, 100], rounded down, with 4:2:0 chroma; None for no JPEG.
    shift_probability, shift: a constant in [-shift, shift] is added to each channel (range of samples 1).
    grey_probability: the input becomes grey, and with `gt_gray` the truth too, which trains a model that
        does not colourise.
    jitter_probability, brightness, contrast, saturation, hue: the four adjustments of torchvision in random
        order; 1 leaves the first three as they are, hue is in turns of the colour circle within
        [-0.5, 0.5].

    ValueError for a range that is upside down or holds what is not allowed.
    """

    sigma: Range = (0.1, 10.0)
    anisotropic: float = 0.5
    kernel_size: int = 41
    factor: Range = (0.8, 8.0)
    noise: Range = (0.0, 20.0)
    jpeg: Range | None = (60.0, 100.0)
    resampling: Resampling = Resampling.BILINEAR
    shift_probability: float = 0.3
    shift: float = 20 / 255
    grey_probability: float = 0.01
    jitter_probability: float = 0.3
    brightness: Range = (0.5, 1.5)
    contrast: Range = (0.5, 1.5)
    saturation: Range = (0.0, 1.5)
    hue: Range = (-0.1, 0.1)
    gt_gray: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (
            ("sigma", 1e-3, math.inf),
            ("factor", 1e-3, math.inf),
            ("noise", 0, math.inf),
            ("jpeg", 1, 100),
            ("brightness", 0, math.inf),
            ("contrast", 0, math.inf),
            ("saturation", 0, math.inf),
            ("hue", -0.5, 0.5),
        ):
            ends = getattr(self, name)
            if ends is not None and not low <= ends[0] <= ends[1] <= high:
                raise ValueError(f"{name} is {ends}, not a range within [{low:g}, {high:g}]")
        for name in [field.name for field in fields(self) if field.name.endswith("probability")] + ["anisotropic"]:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, not in [0, 1]")
        if self.kernel_size < 1 or self.kernel_size % 2 == 0:
            raise ValueError(f"kernel_size is {self.kernel_size}, not an odd number of pixels")
        if not 0 <= self.shift <= 1:
            raise ValueError(f"shift is {self.shift}, not in [0, 1]")

    def for_size(self, size: int) -> Degradation:
        """The same blur relative to the face, for pictures of `size` instead of 512 px.

        Sigma is multiplied by size / 512, and so is the kernel's radius (rounded). The factor stays, so that
        the smallest input has as large a share of the picture's pixels as before; noise and JPEG stay too.
        """
        scale = size / 512
        radius = round((self.kernel_size - 1) / 2 * scale)
        sigma = (self.sigma[0] * scale, self.sigma[1] * scale)
        return replace(self, sigma=sigma, kernel_size=2 * radius + 1)

    def without_color(self) -> Degradation:
        """The same without changes of colour: the paper's formula alone, as its synthetic test set has it."""
        return replace(self, shift_probability=0.0, grey_probability=0.0, jitter_probability=0.0)


RELEASED = Degradation()
"""The options that the published models were trained with."""

PAPER = Degradation(
    sigma=(0.2, 10.0), anisotropic=0.0, factor=(1.0, 8.0), noise=(0.0, 15.0), jpeg=(60.0, 100.0)
).without_color()
"""The formula with the paper's ranges (section 4.1). Its colour jitter has no numbers there: see RELEASED."""

X4 = Degradation(
    kernel_size=1, factor=(4.0, 4.0), noise=(0.0, 0.0), jpeg=None, resampling=Resampling.BICUBIC
).without_color()
"""4x super-resolution (table 2): bicubic, no blur of its own, no noise, no JPEG."""

RECIPES = {
    "released": RELEASED,
    "paper": replace(
        PAPER,
        shift_probability=RELEASED.shift_probability,
        grey_probability=RELEASED.grey_probability,
        jitter_probability=RELEASED.jitter_probability,
    ),
    "x4": X4,
}
"""What a configuration may name. "paper" has the released changes of colour; the paper gives no numbers."""
