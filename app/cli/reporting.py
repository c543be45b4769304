"""What a command tells while it runs: a progress bar on standard error, results on standard output."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from tqdm import tqdm

from core.progress import Progress
from core.types import Face, FaceCrop

_BAR = "{percentage:3.0f}% |{bar}| {desc} [{elapsed} < {remaining}]"


def crop_as_json(crop: FaceCrop) -> dict[str, Any]:
    """A face for --json, and what became of it: `likeness` in degrees where a network measured it."""
    record = face_as_json(crop.face) | {"restored": crop.restored is not None}
    if crop.failure is not None:
        record["failure"] = crop.failure
    if crop.likeness is not None:
        record["likeness"] = {"angle": round(crop.likeness.angle, 1), "network": crop.likeness.network}
    return record


def face_as_json(face: Face) -> dict[str, Any]:
    """A face for --json: box and landmarks in photo pixels, score in [0, 1]."""
    return {
        "box": [round(value, 1) for value in face.box],
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in face.landmarks],
        "score": round(face.score, 4),
        "angle": round(face.angle, 1),
    }


class Reporter:
    """Counts and tells what became of each photo. A context manager: it owns the bar.

    One thread may tell of the photos that are done while another tells the progress of the next.
    """

    def __init__(self, total: int, as_json: bool) -> None:
        self._json = as_json
        self._total = total
        self._faces = 0
        self.finished = 0
        self.failed = 0
        self._drawing = threading.Lock()
        # disable=None: a bar only where somebody watches, so that logs stay clean.
        watched = None if sys.stderr is not None else True
        self._bar = tqdm(total=total, disable=watched, file=sys.stderr, dynamic_ncols=True, bar_format=_BAR)
        self._show("")

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def say(self, sentence: str) -> None:
        """Tell the user something that belongs to no photo."""
        write(sentence, sys.stderr)

    def progress(self, progress: Progress) -> None:
        """A ProgressSink."""
        if progress.stage == "restore" and progress.total:
            self._show(f", face {progress.done} of {progress.total}", progress.done / progress.total)
        elif progress.stage == "background" and progress.total:
            self._show(", enlarging the background", progress.done / progress.total)
        elif progress.stage == "detect":
            self._show(", finding faces")

    def success(
        self,
        path: Path,
        output: Path | None,
        faces: Sequence[Mapping[str, Any]],
        turned: int,
        seconds: Mapping[str, float],
        warnings: Sequence[str],
        models: Mapping[str, str] | None = None,
    ) -> None:
        """A photo is done; `output` is the file written, if any, `models` the titles of those used, by kind.

        Some of its faces may have failed.
        """
        failed = sum("failure" in face for face in faces)
        self._faces += len(faces) - failed
        self.failed += failed > 0
        arrow = f" -> {output}" if output is not None else ""
        count = f"{len(faces)} face{'' if len(faces) == 1 else 's'}{f', {failed} FAILED' if failed else ''}"
        lines = [f"{path}{arrow}: {count}, {sum(seconds.values()):.1f} s"]
        likeness = [f"face {n} {f['likeness']['angle']:.0f}°" for n, f in enumerate(faces, 1) if "likeness" in f]
        lines += [f"  likeness: {', '.join(likeness)}"] if likeness else []
        lines += [f"  note: {warning}" for warning in warnings]
        self._finish(
            path,
            "\n".join(lines),
            status="partial" if failed else "done",
            output=None if output is None else str(output),
            faces=list(faces),
            turned=turned,
            seconds={stage: round(value, 3) for stage, value in seconds.items()},
            models=dict(models or {}),
            warnings=list(warnings),
        )

    def failure(self, path: Path, sentence: str) -> None:
        """A photo could not be done."""
        self.failed += 1
        if not self._json:
            write(f"FAILED {sentence}", sys.stderr)
        self._finish(path, None, status="failed", error=sentence)

    def skipped(self, path: Path, why: str) -> None:
        """A photo was left out on purpose."""
        self._finish(path, f"{path}: skipped, {why}", status="skipped", warnings=[why])

    def _finish(self, path: Path, text: str | None, **record: Any) -> None:
        self.finished += 1
        self._show("")
        if self._json:
            # Every record has every key.
            empty: dict[str, Any] = {
                "output": None,
                "faces": [],
                "turned": 0,
                "seconds": {},
                "models": {},
                "warnings": [],
                "error": None,
            }
            write(json.dumps({"input": str(path), **empty, **record}), sys.stdout)
        elif text is not None:
            write(text, sys.stdout)

    def _show(self, activity: str, fraction: float = 0.0) -> None:
        with self._drawing:
            self._bar.n = self.finished + fraction
            current = min(self.finished + 1, self._total)
            self._bar.set_description_str(f"photo {current} of {self._total}{activity}, {self._faces} faces done")


def write(text: str, stream: TextIO | None) -> None:
    """Write a text and a line break, beside the bar. Nothing happens where nobody reads any more."""
    if stream is None:
        return
    try:
        tqdm.write(text, file=stream)
        stream.flush()
    except OSError:
        # Nobody reads any more (a closed pipe, a full disk): the photos are done all the same.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
