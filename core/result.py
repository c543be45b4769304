"""What comes back from restoring a photo, and how it is blended anew without the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from core.advice import crop_warnings
from core.canvas import Canvas, FaceLayers
from core.color import is_monochrome
from core.enlargement import enlarged
from core.photos.srgb import colours_to_enlarge
from core.progress import Stopwatch
from core.strokes import Coverage
from core.types import BlendOptions, FaceCrop, Photo, Pixels, RestoreOptions


@dataclass(frozen=True, eq=False, kw_only=True)
class RestoredFaces:
    """The restored faces of a photo, before they are laid into it.

    `crops` are the chosen faces with their restored crops, largest first. `turned` is by how many degrees
    clockwise the photo seems turned. `seconds` maps stages to time. `warnings` are sentences for the user. `stamp`
    is the request's. `background` is the enlarged photo without faces, (H * upscale, W * upscale, 3), of its
    depth, where a network made it, else None. `coverage` is how much of the faces shows in each pixel of the
    photo, (H, W) uint8, None for all of it.
    """

    photo: Photo
    options: RestoreOptions
    crops: tuple[FaceCrop, ...]
    turned: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    stamp: int = 0
    background: Pixels | None = None
    coverage: Coverage | None = None

    @property
    def restored_count(self) -> int:
        """How many faces have a restored crop."""
        return sum(crop.restored is not None for crop in self.crops)

    @property
    def advice(self) -> tuple[str, ...]:
        """Sentences on faces whose restoration is not to be trusted, by their number."""
        numbered = enumerate(self.crops, 1)
        return tuple(f"face {number}: {warning}" for number, crop in numbered for warning in crop_warnings(crop))

    def composed(self) -> RestoreResult:
        """The photo with the faces laid into it; no network is run."""
        upscale, watch = self.options.upscale, Stopwatch(dict(self.seconds))
        with watch.stage("enlarge"):
            photo = self.photo.rgb if upscale == 1 else colours_to_enlarge(self.photo)
            image = enlarged(photo, upscale) if self.background is None else self.background.copy()
            layers = FaceLayers(photo, self.crops, upscale, is_monochrome(photo), background=self.background)
        with watch.stage("compose"):
            layers.lay(image, [self.options.blend] * len(self.crops), coverage=self.coverage)
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return RestoreResult(**(own | {"seconds": watch.seconds}), layers=layers, image=image)


@dataclass(frozen=True, eq=False, kw_only=True)
class RestoreResult(RestoredFaces):
    """A restored photo.

    `image` is RGB, (H * upscale, W * upscale, 3), of the photo's depth; `layers` are the faces as they look in it.
    """

    layers: FaceLayers
    image: Pixels

    @cached_property
    def base(self) -> Pixels:
        """The enlarged photo without faces, shape and depth of `image`; made when first asked for."""
        if self.background is not None:
            return self.background
        upscale = self.options.upscale
        return self.photo.rgb if upscale == 1 else enlarged(colours_to_enlarge(self.photo), upscale)

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
        return Canvas(self.image.copy(), self.layers, self.options.blend, self.coverage)
