"""The picture of a photo with its restored faces, blended anew as often as somebody moves a slider."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.compositing import FaceLayer, face_layer, region_of_face
from core.enlargement import enlarged_part, reach_of_part
from core.strokes import Coverage
from core.types import BlendOptions, FaceCrop, Pixels, Region

MEMORY = 64_000_000
"""Bytes of layers that are kept beside the one used last."""


class FaceLayers:
    """The layers of a photo's restored crops in the photo enlarged `upscale` times.

    They are made when first needed, and those used last are kept, up to `memory` bytes. `monochrome` tells
    whether the photo is grey or of one tone; `background` is the enlarged photo where that is not Lanczos's.
    """

    def __init__(
        self,
        photo: Pixels,
        crops: Sequence[FaceCrop],
        upscale: int,
        monochrome: bool,
        memory: int = MEMORY,
        background: Pixels | None = None,
    ) -> None:
        self._photo, self._crops, self._upscale, self._monochrome = photo, tuple(crops), upscale, monochrome
        self._memory, self._background = memory, background
        self._kept: OrderedDict[tuple[int, BlendOptions], FaceLayer | None] = OrderedDict()
        # From the smallest to the largest: where two overlap the larger, nearly always the nearer one, is on top.
        self._order = sorted(range(len(self._crops)), key=lambda index: self._crops[index].face.size)

    def __len__(self) -> int:
        return len(self._crops)

    def layer(self, index: int, blend: BlendOptions) -> FaceLayer | None:
        """The layer of a crop, the same at every strength; None where it was not restored or shows nowhere."""
        crop, key = self._crops[index], (index, replace(blend, strength=1.0))
        if crop.restored is None:
            return None
        if key not in self._kept:
            self._kept[key] = face_layer(
                self._photo, crop, blend, self._upscale, self._monochrome, self._background
            )
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and self._bytes() > self._memory:
            self._kept.popitem(last=False)
        return self._kept[key]

    def square(self, index: int) -> Region:
        """Where a crop may show in the enlarged photo."""
        return region_of_face(self._crops[index], self._photo, self._upscale)

    def full_coverage(self) -> Coverage:
        """The coverage, (H, W) of the photo, that lets all of the faces show."""
        return np.full(self._photo.shape[:2], 255, np.uint8)

    def reach(self, box: Region) -> Region:
        """The region of the enlarged photo that changes when the coverage changes inside `box` of the photo."""
        return reach_of_part(box, self._upscale)

    def differs(self, one: Coverage | None, other: Coverage | None, region: Region) -> bool:
        """Whether two coverages show different amounts somewhere in a region of the enlarged photo."""
        if one is other:
            return False
        parts = [self._covered(each, region) for each in (one, other)]
        whole = [np.uint8(255) if part is None else part for part in parts]
        return bool(np.any(whole[0] != whole[1]))

    def _bytes(self) -> int:
        return sum(layer.nbytes for layer in self._kept.values() if layer is not None)

    def lay(
        self,
        picture: Pixels,
        blends: Sequence[BlendOptions],
        within: Region | None = None,
        coverage: Coverage | None = None,
    ) -> None:
        """Lay the faces into `picture`, the enlarged photo, in place; only in the region `within` where given, and
        only as far as `coverage` of the photo, (H, W), lets them show.

        Crops without a restored picture and those of strength 0 are left out.
        """
        area = Region(0, 0, picture.shape[1], picture.shape[0]) if within is None else within
        for index in self._order:
            strength = blends[index].strength_for(self._crops[index])
            if strength > 0 and not self.square(index).common(area).empty:
                layer = self.layer(index, blends[index])
                if layer is not None:
                    layer.lay(picture, strength, area, self._covered(coverage, layer.region.common(area)))

    def _covered(self, coverage: Coverage | None, region: Region) -> Coverage | None:
        if coverage is None or region.empty:
            return None
        return np.asarray(enlarged_part(coverage, self._upscale, region), np.uint8)


class Canvas:
    """A picture whose faces are blended anew in place: what a panel of sliders holds.

    `image` is the whole picture, RGB of the photo's depth, the same array for as long as the canvas lives.
    `blend` is how all faces in it are blended to begin with, and `coverage` how much of them shows.
    """

    def __init__(
        self, image: Pixels, layers: FaceLayers, blend: BlendOptions, coverage: Coverage | None = None
    ) -> None:
        self.image = image
        self._coverage = coverage
        self._layers = layers
        self._default = blend
        self._blends = [blend] * len(layers)

    def recomposite(
        self, blend: BlendOptions | None = None, per_face: Mapping[int, BlendOptions] | None = None
    ) -> list[Region]:
        """Draw the faces whose options are no longer what they were; returns the regions of `image` redrawn.

        `blend` is for all faces (what the canvas began with when None); `per_face` overrides it by index. The
        first change of a face may prepare its layer; a change of strength alone is then a blend in its region.
        """
        for_all = self._default if blend is None else blend
        before, self._blends = self._blends, [(per_face or {}).get(i, for_all) for i in range(len(self._layers))]
        regions = []
        for index, (old, new) in enumerate(zip(before, self._blends, strict=True)):
            layer = self._layers.layer(index, new) if new != old else None
            if layer is not None:
                regions.append(self._redraw(layer, layer.region))
        return regions

    def copy_of_coverage(self) -> Coverage:
        """How much of the faces shows, (H, W) of the photo, to be changed and given to `limit`."""
        return self._layers.full_coverage() if self._coverage is None else self._coverage.copy()

    def limit(self, coverage: Coverage | None, within: Region | None = None) -> list[Region]:
        """Let the faces show as far as `coverage` of the photo, (H, W), says (wholly for None); returns the
        regions of `image` redrawn.

        `within` is a box of the photo outside which the coverage is the same as before: only what changes with the
        pixels inside it is redrawn.
        """
        before, self._coverage = self._coverage, coverage
        reach = None if within is None else self._layers.reach(within)
        regions = []
        for index, blend in enumerate(self._blends):
            if reach is not None and self._layers.square(index).common(reach).empty:
                continue
            layer = self._layers.layer(index, blend)
            if layer is None:
                continue
            if reach is None and not self._layers.differs(before, coverage, layer.region):
                continue
            region = layer.region if reach is None else layer.region.common(reach)
            if not region.empty:
                regions.append(self._redraw(layer, region))
        return regions

    def _redraw(self, layer: FaceLayer, region: Region) -> Region:
        self.image[region.slices()] = layer.below[region.slices(layer.region.left, layer.region.top)]
        self._layers.lay(self.image, self._blends, region, self._coverage)
        return region
