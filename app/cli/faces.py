"""`gfpgan-desktop faces`: which faces are found, without restoring them."""

from __future__ import annotations

import argparse
import time

import cv2
import numpy as np

from app.cli.batch import for_each, input_files, stop_on_interrupt
from app.cli.engines import chosen_target, say_now
from app.cli.reporting import Reporter, face_as_json
from core.advice import face_warnings
from core.assembly import load_detector
from core.encoding import write_photo
from core.files import InputFile, make_folder
from core.outputs import OnExists, Outputs
from core.photo import read_photo
from core.pipeline import find_faces
from core.progress import Progress
from core.types import Face, FaceChoice, Photo, Pixels, RestoreOptions

_GREEN, _WHITE, _BLACK = (60, 220, 90), (255, 255, 255), (0, 0, 0)


def faces(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    target = chosen_target(options)
    drawings = None
    if options.draw is not None:
        make_folder(options.draw)
        drawings = Outputs(options.draw, OnExists.UNIQUE)
    files = input_files(options, leave_out=[] if options.draw is None else [options.draw])
    detector, _ = load_detector(options.detector, target=target, tell=say_now)
    wanted = RestoreOptions(faces=FaceChoice(options.faces), min_face=options.min_face)
    with Reporter(len(files), options.json) as reporter, stop_on_interrupt() as cancel:

        def show(file: InputFile) -> None:
            reporter.progress(Progress("detect", 0, 1))
            photo = read_photo(file.path, options.max_pixels)
            start = time.perf_counter()
            detection = find_faces(detector, photo, wanted, cancel)
            seconds = {"detect": time.perf_counter() - start}
            target = None if drawings is None else drawings.claim(file.relative.with_suffix(".png"))
            if target is not None:
                picture = draw_faces(photo.rgb, detection.faces)
                write_photo(Photo(picture, picture), picture, target, "PNG")
            found = [face_as_json(face) for face in detection.faces]
            reporter.success(file.path, target, found, detection.turned, seconds, _notes(detection.faces))

        return for_each(files, reporter, cancel, show)


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
