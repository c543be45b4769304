"""`gfpgan-desktop train prepare`: photos in, a dataset of aligned faces out."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from app.cli.batch import for_each, input_files, stop_on_interrupt
from app.cli.engines import chosen_target, say_now
from app.cli.reporting import Reporter
from core.assembly import load_detector
from core.errors import UsageError
from core.files import InputFile, make_folder
from core.types import FaceChoice, RestoreOptions
from trainer.dataset import FACES, FaceRecord
from trainer.prepare import PhotoOutcome, Preparation, open_dataset
from trainer.quality import Limits, explain
from trainer.report import CONTACT_SHEET, REPORT, summary, write_report


def prepare(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    target = chosen_target(options)
    files = _photos(options)
    make_folder(options.output)
    dataset = open_dataset(options.output)
    limits = Limits(
        min_size=options.min_size,
        min_sharpness=options.min_sharpness,
        max_angle=options.max_angle,
        max_outside=options.max_outside / 100,
        keep_grey=options.keep_grey,
    )
    wanted = RestoreOptions(faces=FaceChoice(options.faces), min_face=options.min_face, aligned=options.aligned)
    detector, _ = load_detector(options.detector, target=target, tell=say_now)
    with Reporter(len(files), options.json) as reporter, stop_on_interrupt() as cancel:
        preparation = Preparation(dataset, detector, limits, wanted, options.max_pixels)

        def add(file: InputFile) -> None:
            outcome = preparation.add(file.path, reporter.progress, cancel)
            if outcome is None:
                reporter.skipped(file.path, "it is in the dataset already")
            else:
                _tell(reporter, file.path, outcome, limits)

        try:
            code = for_each(files, reporter, cancel, add)
        finally:
            preparation.save()
        write_report(dataset, limits)
        for sentence in summary(dataset):
            reporter.say(sentence)
        reporter.say(f"See '{options.output / REPORT}'.")
        return code


def _photos(options: argparse.Namespace) -> list[InputFile]:
    """The photos that the command line names, without what an earlier run wrote."""
    output: Path = options.output
    found = input_files(options, leave_out=[output, output / FACES])
    ours = os.path.realpath(output / CONTACT_SHEET)
    files = [file for file in found if os.path.realpath(file.path) != ours]
    if not files:
        raise UsageError("There is nothing but the results of an earlier run; name photos or their folder.")
    return files


def _tell(reporter: Reporter, path: Path, outcome: PhotoOutcome, limits: Limits) -> None:
    notes = list(outcome.notes)
    for number, face in enumerate(outcome.faces, 1):
        if face.reasons:
            why = "; ".join(explain(reason, face.measures, limits, face.duplicate_of) for reason in face.reasons)
            notes.append(f"face {number} is left out: {why}")
    reporter.success(
        path, None, [_as_json(face) for face in outcome.faces], outcome.turned, outcome.seconds, notes
    )


def _as_json(face: FaceRecord) -> dict[str, Any]:
    return {
        "file": face.file,
        "box": list(face.box),
        "native_size": face.measures.native_size,
        "sharpness": face.measures.sharpness,
        "accepted": face.accepted,
        "reasons": list(face.reasons),
    }
