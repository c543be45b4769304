"""A run's events for people at a terminal."""

from __future__ import annotations

from typing import IO

from trainer.durations import duration
from trainer.events import Checkpoint, Done, Error, Event, Hello, Sample, State, Step, Warning
from trainer.missing import NOT_JUDGED, is_judged

_METRICS = {
    "psnr": "PSNR {:.2f} dB",
    "ssim": "SSIM {:.4f}",
    "perceptual": "perceptual distance {:.4f}",
    "identity_angle": "identity angle {:.1f} degrees",
}


class Console:
    """A sink that writes sentences to a stream, and one line of progress that it writes over on a terminal.

    farewell: say how it ended, too; what is only tried out does not end.
    """

    def __init__(self, stream: IO[str] | None, *, farewell: bool = True) -> None:
        self._stream, self._farewell = stream, farewell
        self._live = stream is not None and stream.isatty()
        self._open_line = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, Done) and not self._farewell:
            return
        for line in _lines(event):
            self._write(line, over=isinstance(event, Step))

    def _write(self, line: str, *, over: bool) -> None:
        if self._stream is None:
            return
        clear = "\r\x1b[K" if self._open_line else ""
        self._open_line = over and self._live
        try:
            self._stream.write(clear + line + ("" if self._open_line else "\n"))
            self._stream.flush()
        except (OSError, ValueError):
            # The terminal is gone; a run under nohup goes on.
            self._stream = None


def _lines(event: Event) -> list[str]:
    match event:
        case Hello():
            several = f", {event.processes} processes" if event.processes > 1 else ""
            return [
                f"Run '{event.folder}': preset {event.preset}, steps {event.step:,} to {event.steps:,} of "
                f"{event.batch} faces on {event.device} in {event.precision}{several}.",
                f"{event.parameters / 1e6:.1f} million parameters learn from {event.faces:,} faces, judged "
                f"by {event.held_out} others.",
                f"Loss terms: {', '.join(event.terms)}.",
                *event.off,
                *event.estimate,
            ]
        case Step():
            losses = "  ".join(f"{name} {value:.3g}" for name, value in event.losses.items())
            left = f"{duration(event.seconds_left)} left"
            return [f"{event.step:>6}/{event.steps}  {event.images_per_second:.1f} faces/s  {left}  {losses}"]
        case Sample(metrics=metrics) if metrics:
            return [f"After {event.step:,} steps, held-out faces: {metrics_line(metrics)}."]
        case Sample():
            return [f"Samples: {event.sheet}"] if event.sheet else []
        case Checkpoint(best=True):
            return [f"The best so far: {event.path}"]
        case State():
            return [f"The run is {event.state}."]
        case Warning():
            return [f"Warning: {event.message}"]
        case Error():
            return [f"Error: {event.message}"]
        case Done():
            return _farewell(event)
    return []


def _farewell(done: Done) -> list[str]:
    how = {"finished": "Finished", "stopped": "Stopped; --resume goes on", "failed": "Failed"}[done.state]
    lines = [f"{how}, after {done.step:,} steps."]
    lines += [f"  {name}: {metrics_line(values)}" for name, values in done.metrics.items() if values]
    after = done.metrics.get("after")
    if after and not is_judged(after):
        lines.append(NOT_JUDGED)
    if done.model:
        lines.append(f"The model: {done.model}")
    if done.name:
        lines.append(f"Use it with: restore PHOTOS -o RESULTS --model {done.name}")
    return lines


def metrics_line(metrics: dict[str, float]) -> str:
    """Metrics of `trainer.evaluation` in words."""
    return ", ".join(_METRICS[name].format(value) for name, value in metrics.items() if name in _METRICS)
