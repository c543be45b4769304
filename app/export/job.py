"""One photo out of the window into files. No Qt: any thread runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from app.document.decisions import Decisions
from app.engine.composing import gather
from app.engine.photo_cache import PhotoCache
from app.engine.shelf import Shelf
from app.export.plan import ExportOptions, beside, file_stem
from app.export.render import write_animation, write_side_by_side
from core.encoding import check_size, container, suffix_for, write_photo
from core.errors import CoreError
from core.files import keep_times, make_folder
from core.models import APP_NAME
from core.models.terms import usage_terms
from core.outputs import Outputs
from core.photos.xmp import HistoryEntry
from core.progress import CancelToken
from core.types import Photo, Pixels

_TELLING = ("exif", "xmp", "iptc", "texts", "modified")  # where, when and by whom a photo was taken, and of what

OutputsOf = Callable[[Path], Outputs]
"""The outputs of one export by their folder, so that no two photos of it get one name."""


@dataclass(frozen=True)
class Exported:
    """What became of a photo: its files, the result first (none where it was left out), and sentences."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def export_photo(
    path: Path,
    decisions: Decisions,
    number: int,
    options: ExportOptions,
    photos: PhotoCache,
    shelf: Shelf,
    outputs_of: OutputsOf,
    cancel: CancelToken,
) -> Exported:
    """Compose a photo from what is on the shelf and write it as `options` say; `number` is its place in the
    export.

    Raises PhotoError, UsageError and Cancelled.
    """
    options = beside(options, path)
    assert options.folder is not None
    photo = photos.get(path, decisions.geometry)
    cancel.raise_if_cancelled()
    ingredients = gather(photo, path, decisions, shelf)
    result = ingredients.restored.composed()
    image = result.recomposite(decisions.blend, ingredients.blends)
    cancel.raise_if_cancelled()
    form = container(photo, options.format)
    stem = file_stem(options.pattern, path, number, decisions.upscale)
    make_folder(options.folder)
    outputs = outputs_of(options.folder)
    target = outputs.claim(Path(stem + suffix_for(form, path.suffix)))
    if target is None:
        return Exported((), (f"'{path.name}' was left out: its result is there already.",))
    check_size(form, (image.shape[1], image.shape[0]), target)
    models = [decisions.key((decisions.faces or ())[index])[2] for index in ingredients.faces]
    entry = HistoryEntry(
        f"{APP_NAME} {version(APP_NAME)}",
        f"{len(ingredients.faces)} faces restored; enlarged {decisions.upscale} times",
        datetime.now().astimezone(),
        terms=usage_terms(models) if options.terms and models else "",
    )
    # The photo comes last: its result tells a later export that there is nothing left to do.
    extras, notes = _extras(photo.rgb, image, target, options, outputs)
    files = [target, *extras]
    if options.crops:
        for index, crop in ingredients.faces.items():
            place = outputs.claim(Path(f"{target.stem}-face{index + 1}.png"))
            if place is not None and crop.restored is not None:
                write_photo(Photo(crop.restored, crop.restored), crop.restored, place, "PNG")
                files.append(place)
    notes += write_photo(_with_metadata(photo, options), image, target, form, options.quality, entry, options.bits)
    if left := ingredients.left_as_they_were:
        numbers = ", ".join(str(index + 1) for index in left)
        notes.append(f"'{path.name}' was exported with some of its faces as they were (number {numbers}).")
    if options.keep_times:
        notes += keep_times(path, target)
    return Exported(tuple(files), tuple(notes))


def _with_metadata(photo: Photo, options: ExportOptions) -> Photo:
    if options.metadata:
        return photo
    return replace(photo, metadata={key: each for key, each in photo.metadata.items() if key not in _TELLING})


def _extras(
    before: Pixels, after: Pixels, target: Path, options: ExportOptions, outputs: Outputs
) -> tuple[list[Path], list[str]]:
    """Pictures of before and after: their files, and sentences about those that could not be written."""
    written, notes = [], []
    for wanted, ending, write in (
        (options.before_after, "-before-after.jpg", write_side_by_side),
        (options.animation, "-before-after.webp", write_animation),
    ):
        place = outputs.claim(Path(target.stem + ending)) if wanted else None
        if place is not None:
            try:
                write(place, before, after)
            except CoreError as error:
                notes.append(str(error))
            else:
                written.append(place)
    return written, notes
