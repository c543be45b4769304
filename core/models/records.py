"""What is remembered of the files in the models folder: their checksums from when they came, and what they are.

Where no checksum is published this is what tells a file from another one of its name later on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.files import reason, replace_file
from core.models.folders import models_folder

RECORDS = "records.json"


@dataclass(frozen=True)
class Record:
    """What is remembered of a file: where it came from and when (ISO date), and for a model that is not in the
    catalogue also its kind and what it is."""

    sha256: str
    size: int
    origin: str
    date: str
    kind: str | None = None
    description: str | None = None


def read_records() -> dict[str, Record]:
    """Records by the file's name. A memory that is absent or damaged is an empty one."""
    try:
        rows = json.loads(_place().read_text(encoding="utf-8"))
        return {name: Record(**row) for name, row in rows.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def remember(file: str, record: Record) -> None:
    """Keep a record of a file in the models folder. Raises ModelError."""
    _change(lambda records: records.update({file: record}))


def forget(file: str) -> None:
    """Drop the record of a file. Raises ModelError."""
    if file in read_records():
        _change(lambda records: records.pop(file, None))


def _change(change: Callable[[dict[str, Record]], Any]) -> None:
    # Every start of the program reads records, few write any.
    from filelock import FileLock

    place = _place()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.with_name(f".{place.name}.lock")):
            records = read_records()
            change(records)
            rows = {name: asdict(record) for name, record in sorted(records.items())}
            replace_file(place, json.dumps(rows, indent=1, ensure_ascii=False).encode())
    except OSError as error:
        raise ModelError(
            f"'{place}' cannot be written ({reason(error)}); check the folder and the free space."
        ) from error


def _place() -> Path:
    return models_folder() / RECORDS
