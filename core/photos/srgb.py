"""Between the samples of a photo and the sRGB that the engine sees and changes.

What the engine left alone keeps its samples, bit for bit. A changed pixel gets the change, converted into the
photo's own space and added to its samples: so what sRGB cannot hold (colours outside its gamut, light brighter
than white, the last bits) is still there, and fades with the face at its edge. Inks cannot be added and are
converted anew.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from core.enlargement import enlarged
from core.photos.picture import CHANNELS, Picture, Samples, joined, picture_of
from core.photos.profiles import built_in, converted, is_srgb
from core.types import ColorModel, Photo, Pixels

Values = npt.NDArray[np.float64]

_STRIP = 256  # rows that are converted at a time
_REACH = 5  # px around what is visible whose colours may be seen once the picture is enlarged, by Lanczos at most


def is_plain(picture: Picture) -> bool:
    """Whether the samples are sRGB's own, 8 or 16 bits of grey or RGB."""
    if picture.model not in (ColorModel.GREY, ColorModel.RGB) or not _whole_range(picture):
        return False
    return picture.profile is None or is_srgb(picture.profile, picture.model)


def srgb_view(picture: Picture) -> Pixels:
    """The picture in sRGB, (H, W, 3), uint8 for samples of 8 bits, else uint16.

    Raises ProfileError where its profile is damaged or for another model.
    """
    dtype = np.uint8 if picture.samples.dtype == np.uint8 else np.uint16
    if is_plain(picture):
        values = picture.colour
    elif picture.model is ColorModel.LAB:
        values = converted(_lab(picture), _space(picture), _SRGB(), dtype)
    elif picture.profile is not None and not _is_srgb(picture):
        colour = picture.colour if _whole_range(picture) else _from_0_to_1(picture)
        values = converted(colour, _space(picture), _SRGB(), dtype)
    else:
        light = _from_0_to_1(picture)
        light = (1 - light[..., :3]) * (1 - light[..., 3:]) if picture.model is ColorModel.CMYK else light
        values = np.rint(np.clip(light, 0, 1) * np.iinfo(dtype).max).astype(dtype)
    if picture.model is ColorModel.GREY:
        values = values[..., :1]  # a conversion's rounding would tint it
    rgb = values if values.shape[2] == 3 else np.repeat(values, 3, axis=2)
    return np.ascontiguousarray(rgb)


def colours_to_enlarge(photo: Photo) -> Pixels:
    """`photo.rgb` for an enlargement: what transparency hides, black mostly, has the nearest visible colour around
    what is visible, else it would bleed into its outline. The same array where nothing is hidden."""
    return np.asarray(_revealed(photo.rgb, picture_of(photo).alpha))


def _revealed(colour: Samples, alpha: Samples | None) -> Samples:
    """Colours (H, W, C) with those under no opacity (H, W) next to visible ones taken from these."""
    if alpha is None:
        return colour
    hidden = ~(alpha > 0)
    if not hidden.any() or hidden.all():
        return colour
    distance, labels = cv2.distanceTransformWithLabels(
        hidden.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    near, visible = hidden & (distance <= _REACH), np.flatnonzero(~hidden)
    place = np.empty(len(visible) + 1, np.intp)
    place[labels.ravel()[visible]] = visible
    colour = colour.copy()
    colour[near] = colour.reshape(-1, colour.shape[2])[place[labels[near]]]
    return colour


def merged(photo: Photo, rgb: Pixels) -> Picture:
    """`rgb`, a restored picture of `photo` (any whole enlargement), as samples of the photo's own kind.

    A grey photo stays grey while the picture is grey, else it becomes RGB; alpha is carried along. Raises
    ProfileError where the photo's profile leads to other colours, but not back.
    """
    own = picture_of(photo)
    if own.model is ColorModel.GREY and not _is_grey(rgb):
        own = _in_colour(own, photo.rgb)
    colour = rgb[..., : CHANNELS[own.model]] if is_plain(own) else _with_changes(own, photo.rgb, rgb)
    return replace(own, samples=joined(colour, _enlarged_alpha(own, rgb)))


def in_srgb(photo: Photo, rgb: Pixels) -> Picture:
    """`rgb` itself with the photo's alpha: for containers that cannot hold its kind. A grey photo stays grey while
    `rgb` is grey."""
    own = picture_of(photo)
    model = ColorModel.GREY if own.model is ColorModel.GREY and _is_grey(rgb) else ColorModel.RGB
    alpha = _enlarged_alpha(own, rgb)
    alpha = None if alpha is None else _scaled(alpha, own.white, rgb.dtype)
    return Picture(joined(rgb[..., : CHANNELS[model]], alpha), model, float(np.iinfo(rgb.dtype).max))


def _is_grey(rgb: Pixels) -> bool:
    return bool((rgb[..., :1] == rgb[..., 1:]).all())


def _enlarged_alpha(own: Picture, rgb: Pixels) -> Samples | None:
    """The photo's opacity at the size of `rgb`."""
    alpha = own.alpha
    if alpha is None or alpha.shape == rgb.shape[:2]:
        return alpha
    size = (rgb.shape[1], rgb.shape[0])
    alpha = np.asarray(cv2.resize(_resizable(alpha), size, interpolation=cv2.INTER_LINEAR))
    return _fitting(alpha.astype(np.float64), own.samples.dtype)


def _scaled(alpha: Samples, white: float, dtype: npt.DTypeLike) -> Samples:
    top = np.iinfo(dtype).max
    return np.rint(np.clip(np.nan_to_num(alpha / white), 0, 1) * top).astype(dtype)


def _in_colour(own: Picture, seen: Pixels) -> Picture:
    """A grey picture as an RGB one."""
    if own.profile is None or _is_srgb(own):
        samples = joined(np.repeat(own.colour, 3, axis=2), own.alpha)
        return replace(own, samples=samples, model=ColorModel.RGB, profile=None)
    alpha = None if own.alpha is None else _scaled(own.alpha, own.white, seen.dtype)
    return Picture(joined(seen, alpha), ColorModel.RGB, float(np.iinfo(seen.dtype).max))


def _with_changes(own: Picture, before: Pixels, rgb: Pixels) -> Samples:
    """The photo's colours at the size of `rgb`, with what was changed in it since `before`."""
    upscale = rgb.shape[0] // before.shape[0]
    colour, dtype = own.colour.copy(), own.samples.dtype
    if upscale > 1:
        colour, before = (_revealed(each, own.alpha) for each in (colour, before))
        colour = enlarged(_resizable(colour), upscale).reshape(*rgb.shape[:2], -1)
        colour = _fitting(colour.astype(np.float64), dtype) if colour.dtype != dtype else colour
        before = enlarged(before, upscale)
    for top in range(0, len(rgb), _STRIP):
        rows = slice(top, top + _STRIP)
        changed = (rgb[rows] != before[rows]).any(axis=2)
        if changed.any():
            here = colour[rows][changed][None]
            values = _from_srgb(rgb[rows][changed][None], own, here)
            if own.model is not ColorModel.CMYK:
                values += np.nan_to_num(here) - _from_srgb(before[rows][changed][None], own, here)
            colour[rows][changed] = _fitting(values, dtype)[0]
    return colour


def _from_srgb(rgb: Pixels, own: Picture, here: Samples) -> Values:
    """Colours (H, W, 3) as samples of the picture's kind, not yet rounded; `here` are its samples there."""
    if own.model is ColorModel.LAB:
        lab = converted(rgb, _SRGB(), _space(own), np.float32).astype(np.float64)
        return lab * [own.white / 100, _lab_step(own), _lab_step(own)] + [
            0,
            128 * _lab_step(own),
            128 * _lab_step(own),
        ]
    if own.profile is not None and not _is_srgb(own):
        dtype = np.uint16 if own.model is ColorModel.CMYK else np.float32
        values = converted(rgb, _SRGB(), _space(own), dtype).astype(np.float64)
        return values * (own.white / (65535 if dtype == np.uint16 else 1))
    light = rgb.astype(np.float64) / np.iinfo(rgb.dtype).max
    if own.model is ColorModel.CMYK:
        # As much black as was there, or as the lightest of the three leaves room for.
        black = np.minimum(here[..., 3:] / own.white, 1 - light.max(axis=2, keepdims=True))
        inks = 1 - light / np.where(black < 1, 1 - black, 1)
        return np.concatenate([inks, black], axis=2) * own.white
    return light[..., : CHANNELS[own.model]] * own.white


def _fitting(values: Values, dtype: npt.DTypeLike) -> Samples:
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)


def _resizable(samples: Samples) -> Samples:
    """Samples of a type that OpenCV enlarges."""
    return samples if samples.dtype in (np.uint8, np.uint16, np.float32) else samples.astype(np.float64)


def _whole_range(picture: Picture) -> bool:
    dtype = picture.samples.dtype
    return dtype in (np.uint8, np.uint16) and picture.white == np.iinfo(dtype).max


def _from_0_to_1(picture: Picture) -> npt.NDArray[np.float32]:
    """The colours with 1 for full scale; floats may be outside, what is not finite is 0."""
    values = np.nan_to_num(picture.colour.astype(np.float32), posinf=0, neginf=0)
    return values / np.float32(picture.white)


def _lab_step(picture: Picture) -> float:
    return 1.0 if picture.samples.dtype == np.uint8 else 256.0


def _lab(picture: Picture) -> npt.NDArray[np.float32]:
    step = np.float32(_lab_step(picture))
    scale = np.array([100 / picture.white, 1 / step, 1 / step], np.float32)
    return picture.colour.astype(np.float32) * scale - np.array([0, 128, 128], np.float32)


def _is_srgb(picture: Picture) -> bool:
    if picture.profile is None or picture.model not in (ColorModel.GREY, ColorModel.RGB):
        return False
    return is_srgb(picture.profile, picture.model)


def _space(picture: Picture) -> tuple[ColorModel, bytes]:
    if picture.model is ColorModel.LAB:
        return ColorModel.LAB, built_in("lab2")
    assert picture.profile is not None
    return picture.model, picture.profile


def _SRGB() -> tuple[ColorModel, bytes]:  # noqa: N802
    return ColorModel.RGB, built_in("srgb")
