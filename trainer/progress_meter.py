"""How fast a run goes, and the means of what its steps report."""

from __future__ import annotations

import time
from collections.abc import Callable

from trainer.config import TrainConfig
from trainer.estimate import peak_memory
from trainer.events import Event, Step
from trainer.processes import Processes
from trainer.types import Values


class ProgressMeter:
    """Means of the values between two reports, and how fast it goes; evaluation and pauses do not count."""

    def __init__(self, config: TrainConfig, processes: Processes, say: Callable[[Event], None]) -> None:
        self._config, self._processes, self._say = config, processes, say
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._steps, self._seconds = 0, 0.0
        self._since = time.perf_counter()

    def skip(self) -> None:
        """What happened since the last step is not training."""
        self._since = time.perf_counter()

    def add(self, values: Values) -> None:
        """A step is done, and these are its values."""
        now = time.perf_counter()
        self._seconds += now - self._since
        self._since, self._steps = now, self._steps + 1
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def report(self, step: int, rate: float) -> None:
        """Say a `Step`, and begin anew."""
        config, seconds = self._config, max(self._seconds / self._steps, 1e-9)
        images = config.batch * config.accumulate * self._processes.count
        self._say(
            Step(
                step,
                config.steps,
                {name: value / self._counts[name] for name, value in self._sums.items()},
                rate,
                images / seconds,
                seconds * (config.steps - step),
                peak_memory(self._processes.device),
            )
        )
        self._sums, self._counts, self._steps, self._seconds = {}, {}, 0, 0.0
