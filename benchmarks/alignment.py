"""How close detected landmarks bring a face to where it belongs, with and without the second look.

    python benchmarks/alignment.py FOLDER [--detector NAME|FILE] [--faces 60]

FOLDER holds aligned 512 px faces (FFHQ position). Each is pasted, shrunk, turned, blurred and compressed, into
a soft background; the error is the mean distance, in crop pixels, between the corners of the crop that the
detector's landmarks give and those that the same detector gives on the clean, upright face.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from core.alignment import fit_similarity, invert, transform
from core.assembly import load_detector
from core.detection import RetinaFaceDetector
from core.photo import read_photo
from core.types import Face, Pixels

SIDE = 640
CORNERS = np.array([[0.0, 0.0], [511.0, 0.0], [0.0, 511.0], [511.0, 511.0]])


def scene(face: Pixels, size: int, degrees: float) -> tuple[Pixels, np.ndarray]:
    """The face at `size` px, turned, in a 640 px picture, and the transform face -> picture."""
    scale, angle = size / 290, np.radians(degrees)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.column_stack([linear, np.array([SIDE / 2, SIDE / 2]) - linear @ [256, 290]])
    canvas = cv2.GaussianBlur(cv2.resize(face, (SIDE, SIDE)), (0, 0), 40)
    soft = cv2.GaussianBlur(face, (0, 0), max(0.01, 0.5 / scale))
    cv2.warpAffine(soft, matrix, (SIDE, SIDE), dst=canvas, borderMode=cv2.BORDER_TRANSPARENT)
    canvas = cv2.GaussianBlur(canvas, (0, 0), max(0.5, size / 100))
    _, data = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return cv2.imdecode(data, cv2.IMREAD_COLOR), matrix


def corner_error(found: Face, truth: np.ndarray) -> float:
    """Mean distance of the crop's corners, in crop pixels."""
    there = transform(invert(fit_similarity(truth)), CORNERS)
    return float(np.hypot(*(transform(fit_similarity(found.landmarks), there) - CORNERS).T).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detector")
    parser.add_argument("--faces", type=int, default=60)
    options = parser.parse_args()
    detector, _ = load_detector(options.detector)
    one_look, _ = load_detector(options.detector, second_look=False)
    paths = sorted(p for p in options.folder.iterdir() if p.is_file())
    paths = paths[:: max(1, len(paths) // options.faces)][: options.faces]
    print("size turn   found   one look: median  90 %   two looks: median  90 %   (crop px)")
    for size in (60, 140, 300):
        for degrees in (0, 20, 40):
            detectors: dict[str, RetinaFaceDetector] = {"one": one_look, "two": detector}
            errors: dict[str, list[float]] = {name: [] for name in detectors}
            for path in paths:
                face = read_photo(path).rgb
                clean = detector.detect(face)
                if not clean:
                    continue
                picture, matrix = scene(face, size, degrees)
                truth = transform(matrix, clean[0].landmarks)
                for name, looking in detectors.items():
                    if found := looking.detect(picture):
                        errors[name].append(corner_error(found[0], truth))
            cells = [f"{np.median(e):17.1f} {np.percentile(e, 90):5.1f}" for e in errors.values()]
            print(f"{size:4} {degrees:4} {len(errors['two']):3}/{len(paths)} {cells[0]}   {cells[1]}", flush=True)


if __name__ == "__main__":
    main()
