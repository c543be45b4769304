"""What is exported, and what it is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from core.encoding import OutputFormat
from core.errors import UsageError
from core.outputs import OnExists

FIELDS = {
    "name": "holiday",
    "number": "001",
    "date": "2026-01-31",
    "scale": "2",
}
"""What a pattern may hold in braces, each with an example."""

DEFAULT_PATTERN = "{name}-restored"

_FIELD = re.compile(r"\{(\w*)\}")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


@dataclass(frozen=True)
class ExportOptions:
    """How photos are exported.

    folder         where to; beside each photo for None
    pattern        of the file's name without suffix, with FIELDS in braces
    format         the container; quality as for `write_photo`
    bits           of a sample at most; the photo's own for None
    metadata       carry EXIF, XMP, IPTC and captions along (the colour profile always is)
    terms          write the models' names and licences into the metadata
    on_exists      what to do where a file is in the way
    crops          also each restored face, as PNG
    before_after   also a picture of the photo before and after, side by side
    animation      also a short animation from before to after, as WebP
    keep_times     give the results the photos' time stamps
    """

    folder: Path | None = None
    pattern: str = DEFAULT_PATTERN
    format: OutputFormat = OutputFormat.KEEP
    quality: int | None = None
    bits: int | None = None
    metadata: bool = True
    terms: bool = False
    on_exists: OnExists = OnExists.UNIQUE
    crops: bool = False
    before_after: bool = False
    animation: bool = False
    keep_times: bool = False


def file_stem(pattern: str, photo: Path, number: int, scale: int, today: date | None = None) -> str:
    """The name of a result without suffix. Raises UsageError for a pattern that gives none."""
    fields = {
        "name": photo.stem,
        "number": f"{number:03d}",
        "date": (today or date.today()).isoformat(),
        "scale": str(scale),
    }
    unknown = [name for name in _FIELD.findall(pattern) if name not in fields]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in fields)
        raise UsageError(f"The name has {{{unknown[0]}}} in it, which means nothing; use {known}.")
    stem = _FIELD.sub(lambda found: fields[found[1]], pattern)
    stem = _FORBIDDEN.sub("_", stem).strip(" .")
    if not stem:
        raise UsageError("The name is empty; {name} stands for that of the photo.")
    return stem


def example(options: ExportOptions, photo: Path, scale: int, suffix: str) -> str:
    """A file name as the options would make it, for the dialog. Raises UsageError."""
    return file_stem(options.pattern, photo, 1, scale) + suffix


def beside(options: ExportOptions, photo: Path) -> ExportOptions:
    """The same with the folder that a photo's result goes to."""
    return options if options.folder is not None else replace(options, folder=photo.parent)
