"""`gfpgan-desktop restore`: photos in, restored photos out."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from app.cli.batch import for_each, input_files, stop_on_interrupt
from app.cli.engines import chosen_target, say_now
from app.cli.reporting import Reporter, face_as_json
from core.assembly import assemble
from core.encoding import OutputFormat, check_size, container, suffix_for, write_photo
from core.errors import PhotoError, RestorationError
from core.files import InputFile, make_folder
from core.outputs import OnExists, Outputs
from core.photo import read_photo
from core.pipeline import RestorationPipeline
from core.progress import CancelToken
from core.result import RestoreResult
from core.types import Alignment, BlendOptions, ColorMode, FaceChoice, Photo, RestoreOptions, RestoreRequest

CROPS = "crops"
"""The folder of --save-crops below the output folder."""


def restore(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    target = chosen_target(options, options.precision)
    make_folder(options.output)
    files = input_files(options, leave_out=[options.output, options.output / CROPS])
    outputs = Outputs(options.output, OnExists(options.on_exists), [file.path for file in files])
    assembly = assemble(options.model, options.detector, target, tell=say_now)
    with Reporter(len(files), options.json) as reporter, stop_on_interrupt() as cancel:
        for note in assembly.notes:
            reporter.say(note)
        job = _Job(options, assembly.pipeline, outputs, reporter, cancel)
        return for_each(files, reporter, cancel, job.restore)


@dataclass
class _Job:
    options: argparse.Namespace
    pipeline: RestorationPipeline
    outputs: Outputs
    reporter: Reporter
    cancel: CancelToken

    def restore(self, file: InputFile) -> None:
        """Restore one photo. Raises CoreError with what is wrong with it."""
        photo = read_photo(file.path)
        form = container(photo, OutputFormat(self.options.format))
        suffix = suffix_for(form, file.relative.suffix)
        target = self.outputs.claim(file.relative.with_name(f"{file.relative.stem}{self.options.suffix}{suffix}"))
        if target is None:
            self.reporter.skipped(file.path, "its result exists")
            return
        options = restore_options(self.options)
        check_size(form, (photo.size[0] * options.upscale, photo.size[1] * options.upscale), target)
        result = self.pipeline.run(RestoreRequest(photo, options), self.reporter.progress, self.cancel)
        self._require_faces(file, result)
        lost = write_photo(photo, result.image, target, form, self.options.quality)
        if self.options.save_crops:
            self._save_crops(file, result)
        self.reporter.success(
            file.path,
            target,
            faces=[face_as_json(crop.face, crop.restored is not None, crop.failure) for crop in result.crops],
            turned=result.turned,
            seconds=result.seconds,
            warnings=[*result.warnings, *lost],
        )

    def _require_faces(self, file: InputFile, result: RestoreResult) -> None:
        if result.restored_count or self.options.keep_without_faces:
            return
        if not result.crops and "no face was found" in result.warnings:
            raise PhotoError(
                f"No face was found in '{file.path}'; try a smaller --min-face, "
                "or --keep-without-faces to copy it as it is."
            )
        reasons = "; ".join(result.warnings)
        raise RestorationError(
            f"None of the faces in '{file.path}' could be restored ({reasons}); try another model."
        )

    def _save_crops(self, file: InputFile, result: RestoreResult) -> None:
        folder = Path(CROPS) / file.relative.parent
        profile = {key: value for key, value in result.photo.metadata.items() if key == "icc_profile"}
        for number, crop in enumerate(result.crops, 1):
            for kind, pixels in (("input", crop.pixels), ("restored", crop.restored)):
                target = self.outputs.claim(folder / f"{file.path.name}-face{number}-{kind}.png")
                if pixels is not None and target is not None:
                    write_photo(Photo(pixels, pixels, metadata=profile), pixels, target, "PNG")


def restore_options(options: argparse.Namespace) -> RestoreOptions:
    """What the command line asks of the engine."""
    blend = BlendOptions(
        strength=options.strength,
        color=ColorMode(options.color),
        keep_detail=not options.no_detail,
        match_grain=options.grain,
    )
    return RestoreOptions(
        blend=blend,
        faces=FaceChoice(options.faces),
        min_face=options.min_face,
        aligned=options.aligned,
        alignment=Alignment(options.alignment),
        upscale=options.upscale,
        batch=options.batch,
    )
