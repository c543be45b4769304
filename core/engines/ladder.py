"""What to do when memory runs out: fewer pictures at a time, then less precision, then the processor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np

from core.engines.engine import Engine, FloatArray, Target

log = logging.getLogger(__name__)

_SIGNS = (
    "not enough memory",
    "can't allocate memory",
    "out of memory",
    "ALLOC_FAILED",
    "bad_alloc",
    "bad allocation",
)


def out_of_memory(error: BaseException) -> bool:
    """Whether PyTorch or OpenVINO, on any device, or Python ran out of memory."""
    if isinstance(error, MemoryError):
        return True
    # By name, because whoever has torch's class has imported torch, and this module need not.
    named = any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__)
    return named or (isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS))


class PictureSizeChanged(Exception):
    """The engine went on to a step that takes pictures of another size: the caller cuts them anew."""


class LadderEngine:
    """An engine that steps down instead of running out of memory, and stays down.

    `steps` open engines for the same network, the best first; the first that fits is open once this is made.
    `name` is what the network is called in sentences, `tell` takes one sentence a step. Raises MemoryError when
    none fits.
    """

    def __init__(
        self, steps: Sequence[Callable[[], Engine]], name: str, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._steps = list(steps)
        self._name = name
        self._tell = tell
        self._batch: int | None = None
        self._engine: Engine | None = None
        self._open_next()
        if len(self._steps) < len(steps) - 1:
            self._say(f"while it was loaded; it goes on with {self.target}")

    @property
    def target(self) -> Target:
        """See `Engine`; of the step that it is on."""
        return self._current().target

    @property
    def size(self) -> int | None:
        """See `Engine`."""
        return self._current().size

    def run(self, images: FloatArray) -> FloatArray:
        """See `Engine`. Raises MemoryError when not even the last step has enough memory, and PictureSizeChanged
        where a step takes other pictures."""
        outputs: list[FloatArray] = []
        done = 0
        while done < len(images) or not outputs:
            batch = images[done : done + self._batch] if self._batch else images[done:]
            output = self._attempt(batch)
            if output is None:
                self._step_down(len(batch))
            else:
                outputs.append(output)
                done += len(batch)
        return outputs[0] if len(outputs) == 1 else np.concatenate(outputs)

    def _attempt(self, images: FloatArray) -> FloatArray | None:
        """None where memory ran out. Once this returns, the error no longer keeps the network's tensors alive."""
        try:
            return self._current().run(images)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            log.info("the %s: %s", self._name, error)
            return None

    def _step_down(self, batch: int) -> None:
        if batch > 1:
            self._batch = batch // 2
            self._say(f"with {batch} pictures at a time; it goes on with {self._batch}")
            return
        before, size = self.target, self.size
        if not self._steps:
            self._say(f"on {before}, and nothing smaller is left")
            raise MemoryError(f"The {self._name} does not fit into memory on {before}.")
        self._open_next()
        self._say(f"on {before}; it goes on with {self.target if self.target != before else 'smaller pictures'}")
        if self.size != size:
            raise PictureSizeChanged

    def _open_next(self) -> None:
        """The next engine that fits."""
        # What is there goes first: the next one may need its memory.
        self._engine = None
        while self._steps and self._engine is None:
            step = self._steps.pop(0)
            try:
                self._engine = step()
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                log.info("the %s while it was loaded: %s", self._name, error)
        self._current()

    def _current(self) -> Engine:
        if self._engine is None:
            raise MemoryError(f"The {self._name} does not fit into memory.")
        return self._engine

    def _say(self, what: str) -> None:
        sentence = f"the {self._name} ran out of memory {what}"
        log.warning("%s", sentence)
        self._tell(sentence)
