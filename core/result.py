"""What comes back from restoring a photo, and how it is blended anew without the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.canvas import Canvas, FaceLayers
from core.compositing import enlarged
from core.types import BlendOptions, FaceCrop, Photo, Pixels, RestoreOptions


@dataclass(frozen=True, eq=False)
class RestoreResult:
    """A restored photo.

    `image` is RGB, (H * upscale, W * upscale, 3), of the photo's depth. `crops` are the chosen faces with their
    restored crops, largest first, and `layers` these as they look in the enlarged photo. `turned` is by how many
    degrees clockwise the photo seems turned. `seconds` maps stages to time. `warnings` are sentences for the user.
    `stamp` is the request's.
    """

    photo: Photo
    options: RestoreOptions
    crops: tuple[FaceCrop, ...]
    layers: FaceLayers
    image: Pixels
    turned: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    stamp: int = 0

    @cached_property
    def base(self) -> Pixels:
        """The enlarged photo without faces, shape and depth of `image`; made when first asked for."""
        return self.photo.rgb if self.options.upscale == 1 else enlarged(self.photo.rgb, self.options.upscale)

    @property
    def restored_count(self) -> int:
        """How many faces have a restored crop."""
        return sum(crop.restored is not None for crop in self.crops)

    def recomposite(
        self, blend: BlendOptions | None = None, per_face: Mapping[int, BlendOptions] | None = None
    ) -> Pixels:
        """The photo blended anew, a picture like `image`; no network is run.

        `blend` is for all faces (the request's when None); `per_face` overrides it by index into `crops`.
        A face of strength 0 is as it was in the photo. See `canvas` for changing one picture again and again.
        """
        canvas = self.canvas()
        canvas.recomposite(blend, per_face)
        return canvas.image

    def canvas(self) -> Canvas:
        """A copy of `image` whose faces are blended anew in place, drawing only what changes: for sliders."""
        return Canvas(self.image.copy(), self.layers, self.options.blend)
