"""What comes back from restoring a photo, and how it is blended anew without the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.compositing import compose
from core.types import BlendOptions, FaceCrop, Photo, Pixels, RestoreOptions


@dataclass(frozen=True, eq=False)
class RestoreResult:
    """A restored photo.

    `image` is RGB, (H * upscale, W * upscale, 3), of the photo's depth. `base` is the enlarged photo that the
    faces were laid into, `monochrome` whether it is grey or toned in one colour. `crops` are the chosen faces
    with their restored crops, largest first. `turned` is by how many degrees clockwise the photo seems turned.
    `seconds` maps stages to time. `warnings` are sentences for the user. `stamp` is the request's.
    """

    photo: Photo
    options: RestoreOptions
    base: Pixels
    crops: tuple[FaceCrop, ...]
    image: Pixels
    monochrome: bool = False
    turned: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    stamp: int = 0

    @property
    def restored_count(self) -> int:
        """How many faces have a restored crop."""
        return sum(crop.restored is not None for crop in self.crops)

    def recomposite(
        self, blend: BlendOptions | None = None, per_face: Mapping[int, BlendOptions] | None = None
    ) -> Pixels:
        """The photo blended anew, shape and depth of `image`; no network is run.

        `blend` is for all faces (the request's when None); `per_face` overrides it by index into `crops`.
        A face of strength 0 is as it was in the photo.
        """
        for_all = self.options.blend if blend is None else blend
        blends = [(per_face or {}).get(index, for_all) for index in range(len(self.crops))]
        return compose(self.base, self.crops, blends, self.options.upscale, self.monochrome)
