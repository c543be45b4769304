"""The colours of a PNG without an ICC profile, as its chunks cICP, gAMA and cHRM tell them, as an ICC profile.

PNG, third edition, 11.3.2; the numbers in cICP are those of ITU-T H.273, 8.1 and 8.2.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from core.photos.profiles import is_srgb
from core.types import ColorModel

Light = npt.NDArray[np.float64]

_D65 = (0.3127, 0.3290)
_SRGB = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)  # x and y of white, red, green, blue
_PRIMARIES = {
    1: _SRGB,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_STEPS = np.linspace(0, 1, 1024)
_USUAL_GAMMA = 0.45455  # what gAMA says of sRGB
_UNKNOWN = "the file tells of colours that this program does not know (cICP): they were taken for sRGB"


def profile_told(chunks: Mapping[bytes, bytes], model: ColorModel, notes: list[str]) -> bytes | None:
    """The profile of grey or RGB samples by the chunks of their file; None for sRGB, and where nothing sensible is
    told. What is not known is noted."""
    if b"cICP" in chunks:
        primaries, transfer, matrix, is_whole = chunks[b"cICP"].ljust(4, b"\0")[:4]
        if primaries not in _PRIMARIES or transfer not in _TRANSFERS or matrix or not is_whole:
            notes.append(_UNKNOWN)
            return None
        return _profile(_PRIMARIES[primaries], _TRANSFERS[transfer], model)
    if b"sRGB" in chunks:
        return None
    gamma, told = _number(chunks.get(b"gAMA", b"")), _numbers(chunks.get(b"cHRM", b""))
    primaries_told = _SRGB if told is None or np.allclose(told, _SRGB, atol=0.002) else told
    if gamma is None or (abs(gamma - _USUAL_GAMMA) < 0.001 and primaries_told == _SRGB):
        return _profile(primaries_told, _of_srgb, model)
    return _profile(primaries_told, lambda steps: steps ** (1 / gamma), model)


def _profile(primaries: tuple[float, ...], transfer: Callable[[Light], Light], model: ColorModel) -> bytes | None:
    import imagecodecs  # here, for it takes a moment and few photos need it

    table = np.rint(transfer(_STEPS) * 65535).astype(np.uint16)
    xyy = [value for at in range(0, 8, 2) for value in (*primaries[at : at + 2], 1.0)]
    name, colours = ("gray", None) if model is ColorModel.GREY else ("rgb", xyy[3:])
    try:
        profile = bytes(
            imagecodecs.cms_profile(name, whitepoint=xyy[:3], primaries=colours, transferfunction=table)
        )
        return None if is_srgb(profile, model) else profile
    except (imagecodecs.CmsError, ValueError):
        return None  # Numbers that are no colours, like three primaries on one line.


def _number(chunk: bytes) -> float | None:
    """The number of gAMA where it makes sense."""
    value = struct.unpack(">I", chunk)[0] / 100_000 if len(chunk) == 4 else 0.0
    return value if 0.1 <= value <= 10 else None


def _numbers(chunk: bytes) -> tuple[float, ...] | None:
    """The numbers of cHRM where they make sense."""
    values = tuple(value / 100_000 for value in struct.unpack(">8I", chunk)) if len(chunk) == 32 else ()
    return values if values and all(0 <= value <= 1 for value in values) and values[1] > 0 else None


def _of_srgb(steps: Light) -> Light:
    return np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)


def _of_television(steps: Light) -> Light:
    return np.where(steps < 0.081, steps / 4.5, ((steps + 0.099) / 1.099) ** (1 / 0.45))


_TRANSFERS: dict[int, Callable[[Light], Light]] = {
    **dict.fromkeys((1, 6, 14, 15), _of_television),
    4: lambda steps: steps**2.2,
    5: lambda steps: steps**2.8,
    8: lambda steps: steps,
    13: _of_srgb,
}
