"""`gfpgan-desktop train detector`: pictures and a published detector in, a small detector of one's own out."""

from __future__ import annotations

import argparse
from dataclasses import replace

from core.errors import UsageError
from core.files import find_photos, make_folder
from trainer.detector.mosaics import read_pictures
from trainer.detector.run import DetectorRun, DetectorSettings, load_teacher, train_detector


def train(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    changes = {name: getattr(options, name) for name in ("steps", "seed") if getattr(options, name) is not None}
    settings = replace(DetectorSettings(), **changes)
    if options.precision:
        settings = replace(settings, half=options.precision == "bf16")
    for folder in (options.faces, *options.photos):
        if not folder.is_dir():
            raise UsageError(f"'{folder}' is no folder; name folders of pictures.")
    teacher = load_teacher(options.teacher)
    make_folder(options.out)
    _say("Reading the pictures ...")
    faces, photos = ([file.path for file in find_photos(inputs)] for inputs in ([options.faces], options.photos))
    pictures = read_pictures(faces, photos)
    _say(f"{len(pictures.faces)} faces and {len(pictures.photos)} photos to learn from.")
    detector = train_detector(DetectorRun(settings, teacher, pictures), options.out, _say)
    _say(f"The detector is '{detector}'.")
    return 0


def _say(sentence: str) -> None:
    print(sentence, flush=True)
