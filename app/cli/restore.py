"""`gfpgan-desktop restore`: photos in, restored photos out."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.main import INTERRUPTED, OK, SOME_FAILED
from app.cli.reporting import Reporter, face_as_json, stop_on_interrupt
from core.assembly import assemble
from core.encoding import OutputFormat, container, suffix_for, write_photo
from core.errors import Cancelled, CoreError, PhotoError, UsageError
from core.files import InputFile, find_photos, make_folder, unique_path
from core.photo import read_photo
from core.pipeline import RestorationPipeline
from core.progress import CancelToken
from core.result import RestoreResult
from core.types import (
    Alignment,
    BlendOptions,
    ColorMode,
    FaceChoice,
    Photo,
    RestoreOptions,
    RestoreRequest,
)


def restore(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    make_folder(options.output)
    inputs = list(find_photos(options.inputs, options.recursive, leave_out=options.output))
    if not inputs:
        raise UsageError("There is no photo in the given folders; name photos, or add --recursive.")
    assembly = assemble(options.model, options.detector)
    with Reporter(len(inputs), options.json) as reporter, stop_on_interrupt() as cancel:
        for note in assembly.notes:
            reporter.say(note)
        job = _Job(options, assembly.pipeline, reporter, cancel, {file.path.resolve() for file in inputs})
        try:
            for file in inputs:
                cancel.raise_if_cancelled()
                job.restore(file)
        except Cancelled:
            reporter.say(f"Stopped; {reporter.finished} of {len(inputs)} photos are done.")
            return INTERRUPTED
        return SOME_FAILED if reporter.failed else OK


@dataclass
class _Job:
    options: argparse.Namespace
    pipeline: RestorationPipeline
    reporter: Reporter
    cancel: CancelToken
    input_paths: set[Path]
    written: set[Path] = field(default_factory=set)

    def restore(self, file: InputFile) -> None:
        """Restore one photo; whatever is wrong with it is reported and does not stop the others."""
        try:
            self._restore(file)
        except CoreError as error:
            self.reporter.failure(file.path, str(error))

    def _restore(self, file: InputFile) -> None:
        photo = read_photo(file.path)
        name = container(photo, OutputFormat(self.options.format))
        target = self._target(file, name)
        if target is None:
            self.reporter.skipped(file.path, "its result exists")
            return
        request = RestoreRequest(photo, restore_options(self.options))
        result = self.pipeline.run(request, self.reporter.progress, self.cancel)
        if not result.crops and not self.options.keep_without_faces:
            raise PhotoError(
                f"No face was found in '{file.path}'; try a smaller --min-face, "
                "or --keep-without-faces to copy it as it is."
            )
        lost = write_photo(photo, result.image, target, name, self.options.quality)
        self.written.add(target)
        if self.options.save_crops:
            self._save_crops(photo, result, target)
        warnings = [*result.warnings, *lost]
        faces = [face_as_json(crop.face, crop.restored is not None, crop.failure) for crop in result.crops]
        self.reporter.success(
            file.path, target, faces=faces, turned=result.turned, seconds=result.seconds, warnings=warnings
        )

    def _target(self, file: InputFile, name: str) -> Path | None:
        """Where the result goes, or None when it exists and is to be skipped."""
        options = self.options
        folder: Path = options.output / file.relative.parent
        stem, suffix = file.relative.stem, suffix_for(name, file.relative.suffix)
        target = folder / f"{stem}{options.suffix}{suffix}"
        if options.on_exists == "unique" or target in self.written:
            return unique_path(target, self.written)
        if options.on_exists == "skip":
            return None if target.exists() else target
        if target.resolve() in self.input_paths:
            raise PhotoError(
                f"'{target}' is one of the input photos, which are never overwritten; "
                "choose another folder with -o, or add --suffix."
            )
        return target

    def _save_crops(self, photo: Photo, result: RestoreResult, target: Path) -> None:
        folder = self.options.output / "crops"
        for number, crop in enumerate(result.crops, 1):
            for kind, pixels in (("input", crop.pixels), ("restored", crop.restored)):
                if pixels is not None:
                    profile = {k: v for k, v in photo.metadata.items() if k == "icc_profile"}
                    picture = Photo(pixels, pixels, metadata=profile)
                    write_photo(picture, pixels, folder / f"{target.stem}-face{number}-{kind}.png", "PNG")


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
