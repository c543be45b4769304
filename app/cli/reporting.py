"""What a command tells while it runs: a progress bar on standard error, results on standard output."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from tqdm import tqdm

from core.progress import CancelToken, Progress
from core.types import Face


@contextmanager
def stop_on_interrupt() -> Iterator[CancelToken]:
    """A token that the first Ctrl-C raises; the second interrupts at once."""
    token = CancelToken()

    def stop(_: int, __: FrameType | None) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)


def face_as_json(face: Face, restored: bool | None = None, failure: str | None = None) -> dict[str, Any]:
    """A face for --json: box and landmarks in photo pixels, score in [0, 1]."""
    record: dict[str, Any] = {
        "box": [round(value, 1) for value in face.box],
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in face.landmarks],
        "score": round(face.score, 4),
        "angle": round(face.angle, 1),
    }
    if restored is not None:
        record["restored"] = restored
    if failure is not None:
        record["failure"] = failure
    return record


_BAR = "{percentage:3.0f}% |{bar}| photo {n_fmt} of {total_fmt}{postfix} [{elapsed} < {remaining}]"


class Reporter:
    """Counts and tells what became of each photo. A context manager: it owns the bar."""

    def __init__(self, total: int, as_json: bool) -> None:
        self._json = as_json
        self._faces = 0
        self.finished = 0
        self.failed = 0
        # None: only where somebody watches, so that logs stay clean.
        self._bar = tqdm(total=total, disable=None, file=sys.stderr, dynamic_ncols=True, bar_format=_BAR)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def say(self, sentence: str) -> None:
        """Tell the user something that belongs to no photo."""
        self._write(sentence, sys.stderr)

    def progress(self, progress: Progress) -> None:
        """A ProgressSink."""
        if progress.stage == "restore":
            self._show_faces(progress.done)

    def success(
        self,
        path: Path,
        target: Path | None,
        faces: Sequence[Mapping[str, Any]],
        turned: int,
        seconds: Mapping[str, float],
        warnings: Sequence[str],
    ) -> None:
        """A photo is done; `target` is the file written, if any."""
        self._faces += len(faces)
        record = {
            "input": str(path),
            "output": None if target is None else str(target),
            "status": "done",
            "faces": list(faces),
            "turned": turned,
            "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
            "warnings": list(warnings),
        }
        arrow = f" -> {target}" if target is not None else ""
        count = f"{len(faces)} face{'' if len(faces) == 1 else 's'}"
        lines = [f"{path}{arrow}: {count}, {sum(seconds.values()):.1f} s"]
        lines += [f"  note: {warning}" for warning in warnings]
        self._finish(record, "\n".join(lines))

    def failure(self, path: Path, sentence: str) -> None:
        """A photo could not be done."""
        self.failed += 1
        if not self._json:
            self._write(f"FAILED {sentence}", sys.stderr)
        self._finish({"input": str(path), "output": None, "status": "failed", "error": sentence}, None)

    def skipped(self, path: Path, why: str) -> None:
        """A photo was left out on purpose."""
        self._finish(
            {"input": str(path), "output": None, "status": "skipped", "reason": why}, f"{path}: skipped, {why}"
        )

    def _finish(self, record: Mapping[str, Any], text: str | None) -> None:
        self.finished += 1
        self._show_faces(0)
        self._bar.update()
        if self._json:
            self._write(json.dumps(record, ensure_ascii=False), sys.stdout)
        elif text is not None:
            self._write(text, sys.stdout)

    def _show_faces(self, of_this_photo: int) -> None:
        self._bar.set_postfix_str(f"faces: {self._faces + of_this_photo}")

    @staticmethod
    def _write(text: str, stream: Any) -> None:
        tqdm.write(text, file=stream)
        stream.flush()
