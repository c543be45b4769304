"""A folder of faces to learn from: `faces/` with aligned crops, and `dataset.json`, which says what they are.

`dataset.json` holds `version`, `photos` (by the SHA-256 of the file: its name, and how many faces it has) and
`faces`, a list of `FaceRecord`. Whoever trains reads the faces with `accepted`; people may change that by hand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import CoreError
from core.files import reason, write_atomically
from core.types import Box
from trainer.quality import Measures, Reason

VERSION = 1
INDEX = "dataset.json"
FACES = "faces"


class DatasetError(CoreError):
    """A dataset folder is missing, damaged or of a newer version."""


@dataclass(frozen=True)
class FaceRecord:
    """One face.

    file: its image below the dataset's folder, PNG, RGB, 512 x 512 px. photo: SHA-256 of the photo that it
    comes from, source: that photo's file name. box: left, top, right, bottom in photo pixels. landmarks: the
    five points of `core.types.Face` in crop pixels. accepted: whether to learn from it. reasons: what spoke
    against it, duplicate_of: the file of the face that it repeats. by_user: `accepted` was set by hand.
    """

    file: str
    photo: str
    source: str
    box: Box
    landmarks: tuple[tuple[float, float], ...]
    measures: Measures
    accepted: bool
    reasons: tuple[str, ...] = ()
    duplicate_of: str | None = None
    by_user: bool = False

    @property
    def points(self) -> npt.NDArray[np.float64]:
        """The landmarks as an array, (5, 2), crop pixels."""
        return np.array(self.landmarks, np.float64)

    @property
    def usable(self) -> bool:
        """Whether it is accepted and its image was there when it was judged last."""
        return self.accepted and Reason.MISSING not in self.reasons


@dataclass(frozen=True)
class PhotoRecord:
    """A photo that was looked at: its file name, and how many faces were found in it."""

    name: str
    faces: int


@dataclass
class Dataset:
    """What a dataset folder holds, in the order in which it was added."""

    folder: Path
    faces: list[FaceRecord] = field(default_factory=list)
    photos: dict[str, PhotoRecord] = field(default_factory=dict)

    @property
    def accepted(self) -> list[FaceRecord]:
        """The faces to learn from."""
        return [face for face in self.faces if face.usable]

    def save(self) -> None:
        """Write `dataset.json` in one piece. Raises PhotoError when that is not possible."""
        content = {
            "version": VERSION,
            "photos": {digest: asdict(photo) for digest, photo in self.photos.items()},
            "faces": [_as_json(face) for face in self.faces],
        }
        write_atomically(self.folder / INDEX, json.dumps(content, indent=1).encode())


def read_dataset(folder: Path) -> Dataset:
    """Read the dataset in `folder`. Raises DatasetError with what is wrong."""
    path = folder / INDEX
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DatasetError(
            f"'{folder}' holds no {INDEX}; make a dataset with 'train prepare PHOTOS -o {folder}'."
        ) from error
    except OSError as error:
        raise DatasetError(f"'{path}' cannot be read ({reason(error)}); check its permissions.") from error
    except ValueError as error:
        raise _damaged(path, f"it is no JSON: {error}") from error
    version = content.get("version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise DatasetError(f"'{path}' was written by a newer version of this program; update it.")
    try:
        if version != VERSION:
            raise ValueError("it names no version")
        photos = {
            str(digest): PhotoRecord(str(p["name"]), int(p["faces"])) for digest, p in content["photos"].items()
        }
        return Dataset(folder, list(_records(content["faces"])), photos)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise _damaged(path, what) from error


def _damaged(path: Path, what: str) -> DatasetError:
    return DatasetError(f"'{path}' is damaged ({what}); correct it, or delete it to begin anew.")


def _records(rows: list[dict[str, Any]]) -> Iterator[FaceRecord]:
    for row in rows:
        path = PurePosixPath(row["file"])
        if path.is_absolute() or ".." in path.parts or "\\" in row["file"] or ":" in row["file"]:
            raise ValueError(f"the file {row['file']!r} lies outside the folder")
        box = tuple(_finite(value) for value in row["box"])
        landmarks = tuple((_finite(x), _finite(y)) for x, y in row["landmarks"])
        if len(box) != 4 or len(landmarks) != 5:
            raise ValueError(f"{row['file']} has a wrong number of landmarks or sides")
        if not isinstance(row["accepted"], bool):
            raise ValueError(f'"accepted" of {row["file"]} is neither true nor false')
        yield FaceRecord(
            file=row["file"],
            photo=str(row["photo"]),
            source=str(row["source"]),
            box=(box[0], box[1], box[2], box[3]),
            landmarks=landmarks,
            measures=Measures(
                native_size=_finite(row["native_size"]),
                sharpness=_finite(row["sharpness"]),
                angle=_finite(row["angle"]),
                outside=_finite(row["outside"]),
                grey=bool(row["grey"]),
                hash=f"{int(row['hash'], 16):064x}",
            ),
            accepted=row["accepted"],
            reasons=tuple(Reason(text) for text in row["reasons"]),
            duplicate_of=row.get("duplicate_of"),
            by_user=bool(row.get("by_user", False)),
        )


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no finite number")
    return number


def _as_json(face: FaceRecord) -> dict[str, Any]:
    row = asdict(face)
    measures = row.pop("measures")
    return {**row, **measures}
