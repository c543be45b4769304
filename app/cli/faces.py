"""`gfpgan-desktop faces`: which faces are found, without restoring them."""

from __future__ import annotations

import argparse
import time

import cv2
import numpy as np

from app.cli.main import INTERRUPTED, OK, SOME_FAILED
from app.cli.reporting import Reporter, face_as_json, stop_on_interrupt
from core.advice import face_warnings
from core.assembly import load_detector
from core.encoding import write_photo
from core.errors import Cancelled, CoreError, UsageError
from core.files import find_photos, make_folder, unique_path
from core.orientation import detect_any_orientation
from core.photo import read_photo
from core.pipeline import chosen
from core.types import Face, FaceChoice, Photo, Pixels

_GREEN, _WHITE, _BLACK = (60, 220, 90), (255, 255, 255), (0, 0, 0)


def faces(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    if options.draw is not None:
        make_folder(options.draw)
    inputs = list(find_photos(options.inputs, options.recursive, leave_out=options.draw))
    if not inputs:
        raise UsageError("There is no photo in the given folders; name photos, or add --recursive.")
    detector, _ = load_detector(options.detector)
    with Reporter(len(inputs), options.json) as reporter, stop_on_interrupt() as cancel:
        for file in inputs:
            try:
                photo = read_photo(file.path)
                start = time.perf_counter()
                detection = detect_any_orientation(detector, photo.rgb, options.min_face, cancel)
                found = chosen(detection.faces, FaceChoice(options.faces), photo.size)
                seconds = {"detect": time.perf_counter() - start}
                target = None
                if options.draw is not None:
                    target = unique_path(options.draw / file.relative.with_suffix(".png"))
                    write_photo(Photo(photo.rgb, photo.rgb), draw_faces(photo.rgb, found), target, "PNG")
                reporter.success(
                    file.path, target, [face_as_json(f) for f in found], detection.turned, seconds, _notes(found)
                )
            except CoreError as error:
                reporter.failure(file.path, str(error))
            except Cancelled:
                return INTERRUPTED
        return SOME_FAILED if reporter.failed else OK


def _notes(found: tuple[Face, ...]) -> list[str]:
    if not found:
        return ["no face was found"]
    return [f"face {number}: {note}" for number, face in enumerate(found, 1) for note in face_warnings(face)]


def draw_faces(image: Pixels, found: tuple[Face, ...]) -> Pixels:
    """A copy of an RGB image with the boxes, landmarks, numbers and scores of faces drawn in."""
    deep = image.dtype == np.uint16
    canvas = (image >> 8).astype(np.uint8) if deep else image.copy()
    line = max(1, round(max(image.shape) / 600))
    for number, face in enumerate(found, 1):
        left, top, right, bottom = (round(value) for value in face.box)
        cv2.rectangle(canvas, (left, top), (right, bottom), _GREEN, line, cv2.LINE_AA)
        for x, y in face.landmarks:
            cv2.circle(canvas, (round(x), round(y)), line + 1, _WHITE, -1, cv2.LINE_AA)
        text = f"{number}: {face.score:.2f}"
        place = (left, top - 2 * line if top > 14 * line else bottom + 12 * line)
        for colour, width in ((_BLACK, 3 * line), (_WHITE, line)):
            cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4 * line, colour, width, cv2.LINE_AA)
    return canvas.astype(np.uint16) * 257 if deep else canvas
