"""Which part of a photo is seen, and how large: plain arithmetic.

Photo coordinates have integers at pixel centres; (-0.5, -0.5) is the photo's upper left corner. View coordinates
are logical pixels of a widget from its upper left corner."""

from __future__ import annotations

from dataclasses import dataclass, replace

Point = tuple[float, float]
Size = tuple[float, float]

LARGEST_SCALE = 32.0
SMALLEST_SIDE = 32.0
"""Logical pixels below which the long side of a photo is not made."""


@dataclass(frozen=True)
class Viewport:
    """A view of `view` logical pixels on a photo of `photo` pixels. `scale` is logical pixels a photo pixel, and
    `centre` the point of the photo (from its corner, in pixels) in the middle of the view. With `fits`, the
    photo is always seen whole."""

    photo: Size = (1.0, 1.0)
    view: Size = (1.0, 1.0)
    scale: float = 1.0
    centre: Point = (0.5, 0.5)
    fits: bool = True

    def fitted(self) -> Viewport:
        """The whole photo, as large as it goes, but no larger than a logical pixel a pixel."""
        return replace(self, scale=self._fit_scale(), centre=self._middle(), fits=True)

    def resized(self, view: Size) -> Viewport:
        """The same for a view of another size; the middle stays the middle."""
        changed = replace(self, view=(max(1.0, view[0]), max(1.0, view[1])))
        return changed.fitted() if self.fits else changed.clamped()

    def of_photo(self, photo: Size, keep: bool = False) -> Viewport:
        """The same view on another photo: fitted, or with `keep` at the same scale and place (as a share
        of it)."""
        changed = replace(self, photo=(max(1.0, photo[0]), max(1.0, photo[1])))
        if self.fits or not keep:
            return changed.fitted()
        share = (self.centre[0] / self.photo[0], self.centre[1] / self.photo[1])
        centre = (share[0] * changed.photo[0], share[1] * changed.photo[1])
        return replace(changed, centre=centre).clamped()

    def zoomed(self, scale: float, at: Point | None = None) -> Viewport:
        """At another scale, with the point of the photo at `at` (view coordinates, the middle for None) where it
        is."""
        at = (self.view[0] / 2, self.view[1] / 2) if at is None else at
        scale = min(max(scale, self._least_scale()), LARGEST_SCALE)
        offset = (at[0] - self.view[0] / 2, at[1] - self.view[1] / 2)
        factor = 1 / self.scale - 1 / scale
        centre = (self.centre[0] + offset[0] * factor, self.centre[1] + offset[1] * factor)
        return replace(self, scale=scale, centre=centre, fits=False).clamped()

    def moved(self, dx: float, dy: float) -> Viewport:
        """With the photo moved by so many logical pixels."""
        centre = (self.centre[0] - dx / self.scale, self.centre[1] - dy / self.scale)
        return replace(self, centre=centre, fits=False).clamped()

    def showing(self, box: tuple[float, float, float, float]) -> Viewport:
        """With a box of the photo in sight: in the middle, unless all of it is seen already."""
        (left, top), (right, bottom) = self.to_view(box[:2]), self.to_view(box[2:])
        if left >= 0 and top >= 0 and right <= self.view[0] and bottom <= self.view[1]:
            return self
        return self.centred(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))

    def centred(self, point: Point) -> Viewport:
        """With a point of the photo in the middle, as far as there is photo around it."""
        return replace(self, centre=(point[0] + 0.5, point[1] + 0.5), fits=False).clamped()

    def clamped(self) -> Viewport:
        """With no more empty space on one side than a photo that is smaller than the view needs."""
        x, y = (
            min(max(self.centre[axis], self._nearest(axis)), self.photo[axis] - self._nearest(axis))
            if self.photo[axis] * self.scale > self.view[axis]
            else self.photo[axis] / 2
            for axis in (0, 1)
        )
        return replace(self, centre=(x, y))

    def to_view(self, point: Point) -> Point:
        """Where a point of the photo is seen."""
        return (
            (point[0] + 0.5 - self.centre[0]) * self.scale + self.view[0] / 2,
            (point[1] + 0.5 - self.centre[1]) * self.scale + self.view[1] / 2,
        )

    def to_photo(self, point: Point) -> Point:
        """What is seen at a point of the view."""
        return (
            (point[0] - self.view[0] / 2) / self.scale + self.centre[0] - 0.5,
            (point[1] - self.view[1] / 2) / self.scale + self.centre[1] - 0.5,
        )

    def photo_rect(self) -> tuple[float, float, float, float]:
        """Where the photo is in the view: left, top, width, height."""
        left, top = self.to_view((-0.5, -0.5))
        return left, top, self.photo[0] * self.scale, self.photo[1] * self.scale

    def _nearest(self, axis: int) -> float:
        return self.view[axis] / (2 * self.scale)

    def _middle(self) -> Point:
        return self.photo[0] / 2, self.photo[1] / 2

    def _fit_scale(self) -> float:
        return min(1.0, self.view[0] / self.photo[0], self.view[1] / self.photo[1])

    def _least_scale(self) -> float:
        return min(self._fit_scale(), SMALLEST_SIDE / max(self.photo))
