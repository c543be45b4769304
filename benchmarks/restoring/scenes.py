"""Photos with faces at known places."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.alignment import FFHQ_TEMPLATE, transform
from core.assembly import load_detector
from core.files import find_photos
from core.photo import read_photo
from core.types import CROP_SIZE, Pixels

Landmarks = list[list[float]]
"""Five points (x, y) of a face, as in `core.types.Face`, for JSON."""


@dataclass(frozen=True)
class Scene:
    """A photo on the disk and the landmarks of its faces."""

    photo: Path
    faces: tuple[Landmarks, ...]

    def with_faces(self, count: int) -> Scene:
        """The same photo with the first faces only."""
        return Scene(self.photo, self.faces[:count])

    def as_json(self) -> dict[str, Any]:
        """As the children take it."""
        return {"photo": str(self.photo), "faces": list(self.faces)}


def landmarks_at(x: float, y: float, side: float, degrees: float = 0.0) -> Landmarks:
    """The landmarks of a face whose crop is a square of `side` px around (x, y), turned."""
    angle, scale = np.radians(degrees), side / CROP_SIZE
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = (CROP_SIZE - 1) / 2
    matrix = np.column_stack([linear, np.array([x, y]) - linear @ [middle, middle]])
    return transform(matrix, FFHQ_TEMPLATE).tolist()


def grid(width: int, height: int, count: int, side: float) -> tuple[Landmarks, ...]:
    """`count` faces in rows and columns over a photo, each a little turned."""
    columns = min(count, max(1, round((count * width / height) ** 0.5)))
    rows = -(-count // columns)
    turns = np.random.default_rng(0).uniform(-15, 15, count)
    return tuple(
        landmarks_at(
            width * (index % columns + 0.5) / columns, height * (index // columns + 0.5) / rows, side, turns[index]
        )
        for index in range(count)
    )


def soft_picture(width: int, height: int, seed: int = 0) -> Pixels:
    """Soft colours with grain, (height, width, 3), about as hard to compress as a photo."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(40, 215, (max(3, height // 60), max(3, width // 60), 3)).astype(np.float32)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    picture += random.normal(0, 4, (height, width, 1)).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)


def make_scene(folder: Path, width: int, height: int, count: int, side: float) -> Scene:
    """A JPEG of this size in `folder` with `count` faces."""
    path = folder / f"{width}x{height}-{count}.jpg"
    if not path.exists():
        cv2.imwrite(str(path), soft_picture(width, height, seed=width + height + count))
    return Scene(path, grid(width, height, count, side))


def scenes_of_photos(folder: Path, count: int) -> list[Scene]:
    """`count` photos from all over a folder and its subfolders, each with the 1 to 4 faces that the bundled
    detector finds. ValueError where there are fewer."""
    detector, _ = load_detector("bundled-detector")
    files = list(find_photos([folder], recursive=True))
    # Every part of the folder gets its share, whatever the order of the names.
    step = max(1, len(files) // count)
    files = [file for start in range(step) for file in files[start::step]]
    scenes = []
    for file in files:
        faces = detector.detect(read_photo(file.path).rgb)
        if 1 <= len(faces) <= 4:
            scenes.append(Scene(file.path, tuple(face.landmarks.tolist() for face in faces)))
        if len(scenes) == count:
            return scenes
    raise ValueError(f"'{folder}' has fewer than {count} photos with 1 to 4 faces; name another folder.")


def made_scenes(folder: Path, count: int) -> list[Scene]:
    """`count` made-up photos of 0.5 to 2.2 megapixels with 1 to 4 faces, in `folder`."""
    return [make_scene(folder, 800 + 47 * i, 600 + 35 * i, 1 + i % 4, 260) for i in range(count)]
