"""`gfpgan-desktop restore`: photos in, restored photos out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from app.cli.batch import for_each_overlapped, input_files, stop_on_interrupt
from app.cli.engines import chosen_target, say_now
from app.cli.reporting import Reporter, crop_as_json
from core.assembly import Assembly, assemble
from core.background import AUTO, LANCZOS
from core.encoding import (
    OutputFormat,
    check_size,
    container,
    likely_suffix,
    require_encoder,
    suffix_for,
    write_photo,
)
from core.errors import PhotoError, RestorationError, UsageError
from core.files import InputFile, keep_times, make_folder, read_file, write_atomically
from core.limits import file_limit
from core.models import APP_NAME
from core.models.terms import usage_terms
from core.outputs import OnExists, Outputs, without_results
from core.photo import read_photo
from core.photos.xmp import HistoryEntry
from core.progress import CancelToken
from core.result import RestoredFaces, RestoreResult
from core.types import (
    Alignment,
    BlendOptions,
    ColorMode,
    FaceChoice,
    Photo,
    Pixels,
    RestoreOptions,
    RestoreRequest,
)

CROPS = "crops"
"""The folder of --save-crops below the output folder."""


def restore(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. Raises CoreError when nothing can be done at all."""
    target = chosen_target(options, options.precision)
    require_encoder(OutputFormat(options.format))
    make_folder(options.output)
    files = input_files(options, leave_out=[options.output, options.output / CROPS])
    found = len(files)
    files = without_results(files, options.output, options.suffix)
    outputs = _outputs(options, files)
    assembly = assemble(
        options.model,
        options.detector,
        target,
        tell=say_now,
        background=_background(options),
        fidelity=options.fidelity,
    )
    with Reporter(len(files), options.json) as reporter, stop_on_interrupt() as cancel:
        for note in assembly.notes:
            reporter.say(note)
        if found > len(files):
            count = f"{found - len(files)} photo{'' if found == len(files) + 1 else 's'}"
            reporter.say(f"Left out {count} named like results of others (--suffix {options.suffix}).")
        terms = usage_terms([options.model]) if options.note_licence else ""
        job = _Job(options, assembly, outputs, reporter, cancel, terms)
        return for_each_overlapped(files, reporter, cancel, job.restore)


def _outputs(options: argparse.Namespace, files: Sequence[InputFile]) -> Outputs:
    """The places of the results, those that are likely theirs reserved."""
    policy = OnExists(options.on_exists)
    # What is named outright is the user's, even where it looks like a result.
    named = options.inputs if policy is OnExists.OVERWRITE else []
    outputs = Outputs(options.output, policy, [*named, *(file.path for file in files)])
    for file in files:
        suffix = likely_suffix(file.relative.suffix, OutputFormat(options.format))
        outputs.reserve(_named(file, options, suffix), file.path)
    return outputs


def _named(file: InputFile, options: argparse.Namespace, suffix: str) -> Path:
    return file.relative.with_name(f"{file.relative.stem}{options.suffix}{suffix}")


@dataclass
class _Job:
    options: argparse.Namespace
    assembly: Assembly
    outputs: Outputs
    reporter: Reporter
    cancel: CancelToken
    terms: str

    def restore(self, file: InputFile) -> Iterator[int]:
        """Restore one photo: read it, run the networks, compose and write; the steps of `for_each_overlapped`.

        Raises CoreError with what is wrong with it.
        """
        photo = read_photo(file.path, self.options.max_pixels)
        yield photo.rgb.nbytes
        form = container(photo, OutputFormat(self.options.format))
        suffix = suffix_for(form, file.relative.suffix)
        if self.options.save_crops:
            self.outputs.tidy(Path(CROPS) / file.relative.parent)
        target = self.outputs.place(_named(file, self.options, suffix), file.path)
        if self.outputs.skips(target):
            yield 0
            self.reporter.skipped(file.path, f"'{target}' exists already")
            return
        options = restore_options(self.options)
        check_size(form, (photo.size[0] * options.upscale, photo.size[1] * options.upscale), target)
        pipeline, progress = self.assembly.pipeline, self.reporter.progress
        restored = pipeline.restore_faces(RestoreRequest(photo, options), progress, self.cancel)
        self._require_faces(file, restored)
        restored = pipeline.upscale_background(restored, progress, self.cancel)
        crops = self._claim_crops(file, restored) if self.options.save_crops else []
        background = 0 if restored.background is None else restored.background.nbytes
        yield photo.rgb.nbytes * (1 + options.upscale**2) + background
        result = restored.composed()
        self.outputs.require_folder()
        # Before the photo, whose result tells a later run that there is nothing left to do.
        trouble = _save_crops(crops)
        told = self._write(file, result, target, form)
        if self.options.keep_times:
            told += keep_times(file.path, target)
        if trouble is not None:
            raise trouble
        self.reporter.success(
            file.path,
            target,
            faces=[crop_as_json(crop) for crop in result.crops],
            turned=result.turned,
            seconds=result.seconds,
            models=self._models_used(restored),
            warnings=told,
        )

    def _write(self, file: InputFile, result: RestoreResult, target: Path, form: str) -> list[str]:
        """Write a result; returns the sentences on it."""
        options, photo = self.options, result.photo
        as_it_is = options.upscale == 1 and options.quality is None and options.depth is None
        if result.restored_count == 0 and as_it_is and form == {"MPO": "JPEG"}.get(photo.format, photo.format):
            write_atomically(target, read_file(file.path, file_limit(options.max_pixels)))
            # What reading the photo left out is in the copy; the end of a file that is cut short is not.
            cut = "the file is cut short"
            return [note for note in result.warnings if note not in photo.notes or note.startswith(cut)]
        lost = write_photo(photo, result.image, target, form, options.quality, self._entry(result), options.depth)
        return [*result.warnings, *result.advice, *lost]

    def _models_used(self, restored: RestoredFaces) -> dict[str, str]:
        unused = {"upscaler"} if restored.background is None else set()
        return {kind: title for kind, title in self.assembly.models.items() if kind not in unused}

    def _entry(self, result: RestoreResult) -> HistoryEntry:
        """What the file of a result tells of how it was made."""
        done = []
        if result.restored_count:
            strength = "as suits each face" if self.options.strength is None else f"{self.options.strength:g}"
            done += [f"{result.restored_count} faces restored by {self.assembly.models['restorer']}"]
            done += [f"strength {strength}", f"color {self.options.color}"]
            done += ["grain matched"] if self.options.grain else []
        done += [f"enlarged {self.options.upscale} times"] if self.options.upscale > 1 else []
        now = datetime.now().astimezone()
        parameters = "; ".join(done) or "no face restored"
        terms = self.terms if result.restored_count else ""
        return HistoryEntry(f"{APP_NAME} {version(APP_NAME)}", parameters, now, terms=terms)

    def _require_faces(self, file: InputFile, restored: RestoredFaces) -> None:
        if restored.restored_count or self.options.keep_without_faces:
            return
        if not restored.crops and "no face was found" in restored.warnings:
            raise PhotoError(
                f"No face was found in '{file.path}'; try a smaller --min-face, "
                "or --keep-without-faces to copy it as it is."
            )
        reasons = "; ".join(restored.warnings)
        raise RestorationError(
            f"None of the faces in '{file.path}' could be restored ({reasons}); try another model."
        )

    def _claim_crops(self, file: InputFile, restored: RestoredFaces) -> list[tuple[Pixels, Path | PhotoError]]:
        """The pictures of each face before and after, each with its place, or with why it may have none."""
        folder = Path(CROPS) / file.relative.parent
        claimed: list[tuple[Pixels, Path | PhotoError]] = []
        for number, crop in enumerate(restored.crops, 1):
            for kind, pixels in (("input", crop.pixels), ("restored", crop.restored)):
                try:
                    target = self.outputs.claim(folder / f"{file.path.name}-face{number}-{kind}.png")
                except PhotoError as error:
                    # It is told once the photo is written.
                    return [*claimed, (crop.pixels, error)]
                if pixels is not None and target is not None:
                    claimed.append((pixels, target))
        return claimed


def _save_crops(crops: list[tuple[Pixels, Path | PhotoError]]) -> PhotoError | None:
    """Write the pictures of faces; returns what went wrong, which costs the photo nothing."""
    for pixels, target in crops:
        if isinstance(target, PhotoError):
            return target
        try:
            write_photo(Photo(pixels, pixels), pixels, target, "PNG")
        except PhotoError as error:
            return error
    return None


def _background(options: argparse.Namespace) -> str:
    """What --background means. Raises UsageError where nothing is enlarged."""
    if options.upscale > 1:
        return options.background or AUTO
    if options.background is not None:
        raise UsageError("--background says what enlarges a photo; add --upscale 2 or 4.")
    return LANCZOS


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
