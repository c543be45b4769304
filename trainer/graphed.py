"""A pass through a network, forward and backward, that a graphics card repeats by itself (a CUDA graph).

A step of a restorer is some thousands of short computations. Where Python starts each of them, the card waits for
Python: recorded once, all of them start with one call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import fields

import torch
from torch import Tensor, nn

from trainer.losses.terms import Terms
from trainer.types import Batch

Pass = Callable[[Batch, Sequence[Tensor]], tuple[Tensor, Terms]]
"""A batch and the noise of each layer -> the images and the terms, detached. Adds to the parameters' gradients."""

WARM_UP = 3
"""Times that a pass runs as it is first: what is only decided or made in the first of them cannot be recorded."""

_log = logging.getLogger(__name__)


class GraphedPass:
    """Runs passes, and from the fourth of a kind on repeats it as a CUDA graph.

    A card repeats the computations that were recorded, whatever the code would do by then: passes that compute
    something else, such as another set of terms, must have another `key`. (Other shapes are noticed here.) Before
    each pass the gradients of `parameters` must be None; the parameters may change in place, and must never be
    replaced. Once a pass cannot be recorded (an embedding that lets the processor look at numbers, too little
    memory), all passes run as they are from then on.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._parameters = parameters
        self._key: object = None
        self._seen = 0
        self._graph: _Graph | None = None
        self._possible = True

    @property
    def is_recorded(self) -> bool:
        """Whether the next pass of the last one's kind will be a repetition."""
        return self._graph is not None

    def __call__(self, run: Pass, batch: Batch, noise: Sequence[Tensor], key: object) -> tuple[Tensor, Terms]:
        """What `run` gives; images and terms hold until the next call."""
        key = (key, batch.truths.shape, batch.inputs.shape)
        if key != self._key:
            self.forget()
            self._key = key
        if self._seen == WARM_UP and self._graph is None and self._possible:
            self._graph = self._recorded(run, batch, noise)
        self._seen = min(self._seen + 1, WARM_UP)
        return run(batch, noise) if self._graph is None else self._graph.replay(batch, noise)

    def forget(self) -> None:
        """Free what a recorded pass keeps on the card: all that lies between its layers. The next passes are run
        as the first were."""
        self._key, self._seen, self._graph = None, 0, None

    def _recorded(self, run: Pass, batch: Batch, noise: Sequence[Tensor]) -> _Graph | None:
        try:
            return _Graph(run, self._parameters, batch, noise)
        except RuntimeError as error:
            _log.info("A training step could not be recorded: %s", error)
            self._possible = False
            for parameter in self._parameters:
                parameter.grad = None
            return None


class _Graph:
    """One recorded pass, with the memory that it reads and writes."""

    def __init__(
        self, run: Pass, parameters: Sequence[nn.Parameter], batch: Batch, noise: Sequence[Tensor]
    ) -> None:
        mine = Batch(*(x.clone() for x in _tensors(batch)))
        my_noise = [x.clone() for x in noise]
        self._inputs = [*_tensors(mine), *my_noise]
        self._parameters = parameters
        self._graph = torch.cuda.CUDAGraph()
        # The recording is for the card that is current; its stream must be left again even where it fails.
        device = batch.truths.device
        stream = torch.cuda.Stream(device)
        with (
            torch.cuda.device(device),
            torch.cuda.stream(stream),
            # Another thread makes the next batch meanwhile.
            torch.cuda.graph(self._graph, stream=stream, capture_error_mode="thread_local"),
        ):
            self._outputs = run(mine, my_noise)
        self._gradients = [parameter.grad for parameter in parameters]

    def replay(self, batch: Batch, noise: Sequence[Tensor]) -> tuple[Tensor, Terms]:
        for mine, given in zip(self._inputs, (*_tensors(batch), *noise), strict=True):
            mine.copy_(given)
        self._graph.replay()
        for parameter, gradient in zip(self._parameters, self._gradients, strict=True):
            parameter.grad = gradient
        return self._outputs


def _tensors(batch: Batch) -> list[Tensor]:
    return [getattr(batch, field.name) for field in fields(batch)]
