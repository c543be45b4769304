"""What a model is, where it comes from and how good it is: a page for people, and the file's own metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from core.models import APP_NAME
from trainer.evaluation import Metrics, score
from trainer.missing import NOT_JUDGED, is_judged

_ROWS = {
    "psnr": ("PSNR", "dB, higher is better", ".2f"),
    "ssim": ("SSIM", "higher is better", ".4f"),
    "perceptual": ("perceptual distance", "lower is better", ".4f"),
    "identity_angle": ("identity angle", "degrees, lower is better", ".1f"),
}
_BETTER_HIGHER = {"psnr", "ssim"}


@dataclass(frozen=True)
class Card:
    """All there is to say about a finished model.

    name             what the model is called
    run_id           of the run that made it
    preset           that the run began with
    steps            that it took
    faces, photos    how many it learned from
    data             the dataset folder's name; sources says where the photos come from, if that is known
    base, licence    title and licence of the model it began as, None for a new network or an unknown licence
    settings         those that matter, by name
    losses, off      terms that were on; sentences on those that were missing
    held_out, ways   faces in the metrics, and in how many ways each was degraded
    inputs           metrics of the degraded faces as they are; before and after: of the network's results
    """

    name: str
    run_id: str
    preset: str
    steps: int
    faces: int
    photos: int
    data: str
    sources: str = ""
    base: str | None = None
    licence: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    losses: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    held_out: int = 0
    ways: int = 1
    inputs: Metrics = field(default_factory=dict)
    before: Metrics = field(default_factory=dict)
    after: Metrics = field(default_factory=dict)
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())

    def metadata(self) -> dict[str, object]:
        """What the weights file says about itself, beside the network's hyperparameters."""
        metrics = {"faces": self.held_out, "inputs": self.inputs, "before": self.before, "after": self.after}
        return {
            "name": self.name,
            "run_id": self.run_id,
            "preset": self.preset,
            "base": self.base or "",
            "licence": self.licence_note(),
            "steps": self.steps,
            "data": self._data(),
            "date": self.date,
            "program": f"{APP_NAME} {version(APP_NAME)}",
            "metrics": json.dumps(metrics),
        }

    def licence_note(self) -> str:
        """The licence of the weights, which they inherit from their base."""
        if self.base is None:
            return "none stated; the photos that it learned from may set limits"
        return self.licence or f"that of its base, {self.base}, which is not known"

    def text(self, network: str, use: str, limits: str) -> str:
        """The page, in Markdown: `network` is a line about the network, `use` says how to use it, `limits` what it
        cannot do."""
        base = f"Tuned from {self.base}." if self.base else "Trained from new weights."
        sections = {
            "Use": use,
            "What it learned from": f"{self._data()}.",
            "How": self._how(),
            "How good it is": self._results(),
            "Licence": f"{self._inherited()}{self.licence_note()}.",
            "Limits": limits,
        }
        head = f"# {self.name}\n\n{network}. {base}\nMade with {APP_NAME} {version(APP_NAME)} on {self.date}.\n"
        return head + "".join(f"\n## {title}\n\n{body}\n" for title, body in sections.items())

    def _data(self) -> str:
        amount = f"{_plural(self.faces, 'face')} of {_plural(self.photos, 'photo')} in the dataset '{self.data}'"
        return f"{amount}; {self.sources}" if self.sources else amount

    def _how(self) -> str:
        settings = "".join(f"| {name} | {value} |\n" for name, value in self.settings.items())
        losses = f"Loss terms: {', '.join(self.losses)}." if self.losses else ""
        parts = [
            f"{_plural(self.steps, 'step')}, preset `{self.preset}`; `config.toml` of the run has every setting.",
            f"| setting | value |\n|---|---|\n{settings}".rstrip() if settings else "",
            " ".join((losses, *self.off)).strip(),
        ]
        return "\n\n".join(part for part in parts if part)

    def _results(self) -> str:
        if not self.held_out:
            return "Not measured: no faces were held out, so nobody knows whether it became better."
        if not self.after:
            return "Not measured: it was stopped before, so nobody knows whether it became better."
        columns = {"degraded input": self.inputs, "before training": self.before, "after": self.after}
        columns = {title: metrics for title, metrics in columns.items() if metrics}
        rows = [
            f"| {title} ({note}) | {' | '.join(_number(m.get(name), form) for m in columns.values())} |"
            for name, (title, note, form) in _ROWS.items()
            if name in self.after
        ]
        head = f"| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}"
        intro = (
            f"Measured on {_plural(self.held_out, 'face')} that it did not learn from, degraded as in training"
            f"{f', each in {self.ways} ways' if self.ways > 1 else ''}."
        )
        few = " That is few: chance plays a part." if self.held_out < 20 else ""
        return "\n\n".join([intro + few, "\n".join([head, *rows]), " ".join(self._verdict())])

    def _verdict(self) -> list[str]:
        """Honest sentences on the numbers."""
        judged = is_judged(self.after)
        sentences = [] if judged else [NOT_JUDGED]
        if self.before:
            worse = [title for name, (title, _, _) in _ROWS.items() if self._is_worse(name)]
            if judged and score(self.after) > score(self.before):
                sentences.append("On the whole it became better than before training.")
            elif judged:
                sentences.append(
                    "On the whole it did not become better than before training: keep to what was before."
                )
            sentences.append(f"Worse than before: {', '.join(worse) or 'nothing that was measured'}.")
        if self.inputs and judged and score(self.after) <= score(self.inputs):
            sentences.append("By these numbers the degraded faces themselves are closer to the truth.")
        return sentences

    def _is_worse(self, name: str) -> bool:
        if name not in self.before or name not in self.after:
            return False
        change = self.after[name] - self.before[name]
        return change < 0 if name in _BETTER_HIGHER else change > 0

    def _inherited(self) -> str:
        return (
            f"Tuned weights inherit the licence of their base, {self.base}: " if self.base and self.licence else ""
        )


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
