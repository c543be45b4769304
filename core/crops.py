"""Restored crops and enlarged backgrounds on disk, so that a photo is put together again without its networks."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from core.errors import PhotoError
from core.files import read_file, write_atomically
from core.types import CROP_SIZE, Face, FaceCrop, Likeness, Pixels

_MOST_BYTES = 32_000_000
_MOST_BACKGROUND_BYTES = 4_000_000_000


def save_crop(path: Path, crop: FaceCrop) -> None:
    """Write a crop and what became of it to `path` (NumPy's .npz). Raises PhotoError."""
    arrays = {
        "box": np.array(crop.face.box),
        "landmarks": crop.face.landmarks,
        "numbers": np.array([crop.face.score, crop.network_size, crop.whole, crop.advised_strength]),
        "matrix": crop.matrix,
        "pixels": crop.pixels,
    }
    if crop.restored is not None:
        arrays["restored"] = crop.restored
    if crop.labels is not None:
        arrays["labels"] = crop.labels
    if crop.failure is not None:
        arrays["failure"] = _text(crop.failure)
    if crop.likeness is not None:
        arrays["likeness"] = np.array(crop.likeness.angle)
        arrays["network"] = _text(crop.likeness.network)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_atomically(path, buffer.getvalue())


def load_crop(path: Path) -> FaceCrop:
    """What `save_crop` wrote. Raises PhotoError where it is damaged or something else."""
    data = read_file(path, _MOST_BYTES)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            score, network_size, whole, advised_strength = arrays["numbers"].tolist()
            left, top, right, bottom = arrays["box"].tolist()
            crop = FaceCrop(
                face=Face((left, top, right, bottom), arrays["landmarks"].reshape(5, 2), score),
                matrix=arrays["matrix"].reshape(2, 3),
                pixels=arrays["pixels"].reshape(CROP_SIZE, CROP_SIZE, 3),
                restored=arrays["restored"].reshape(CROP_SIZE, CROP_SIZE, 3) if "restored" in arrays else None,
                network_size=int(network_size),
                labels=arrays.get("labels"),
                whole=bool(whole),
                failure=_read_text(arrays["failure"]) if "failure" in arrays else None,
                advised_strength=advised_strength,
                likeness=Likeness(float(arrays["likeness"]), _read_text(arrays["network"]))
                if "likeness" in arrays
                else None,
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise PhotoError(f"'{path}' is damaged; restore the photo again.") from error
    return crop


def save_background(path: Path, pixels: Pixels) -> None:
    """Write an enlarged photo, (H, W, 3) RGB of 8 or 16 bits, to `path` as PNG. Raises PhotoError."""
    # Fast rather than small: the file is for this program alone.
    encoded, data = cv2.imencode(".png", pixels[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not encoded:
        raise PhotoError(f"'{path}' cannot be written as PNG; make the photo smaller.")
    write_atomically(path, data.tobytes())


def load_background(path: Path) -> Pixels:
    """What `save_background` wrote. Raises PhotoError where it is damaged or something else."""
    data = np.frombuffer(read_file(path, _MOST_BACKGROUND_BYTES), np.uint8)
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16) or pixels.shape[2:] != (3,):
        raise PhotoError(f"'{path}' is damaged; restore the photo again.")
    return np.ascontiguousarray(pixels[..., ::-1])  # type: ignore[return-value]


def _text(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _read_text(array: npt.NDArray[np.uint8]) -> str:
    return array.tobytes().decode()
