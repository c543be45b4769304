"""A pass through a network, forward and backward, that a graphics card repeats by itself (a CUDA graph).

A step of a restorer is some thousands of short computations. Where Python starts each of them, the card waits for
Python: recorded once, all of them start with one call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple

import torch
from torch import Tensor, nn

from trainer.losses.terms import Terms
from trainer.types import Batch

Pass = Callable[[Batch, Sequence[Tensor]], tuple[Tensor, Terms]]
"""A batch and the noise of each layer -> the images and the terms, detached. Adds to the parameters' gradients."""

WARM_UP = 3
"""Times that a pass runs as it is first: what is only decided or made in the first of them cannot be recorded."""


class GraphedPass:
    """Runs passes, and from the fourth of a kind on repeats it as a CUDA graph.

    A card repeats what was done, not what the code says: `key` tells passes apart in which it says something else,
    such as another set of terms; shapes are told apart here. Before a pass the gradients of `parameters` must be
    None, which may have changed in place. What cannot be recorded (an embedding that lets the processor look at
    numbers) runs as it is, for ever.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._parameters = parameters
        self._key: object = None
        self._seen = 0
        self._graph: _Graph | None = None
        self._possible = True

    def __call__(self, run: Pass, batch: Batch, noise: Sequence[Tensor], key: object) -> tuple[Tensor, Terms]:
        """What `run` gives; images and terms hold until the next call."""
        key = (key, batch.truths.shape, batch.inputs.shape)
        if key != self._key:
            self._key, self._seen, self._graph = key, 0, None
        if self._seen == WARM_UP and self._graph is None and self._possible:
            self._graph = self._recorded(run, batch, noise)
        self._seen = min(self._seen + 1, WARM_UP)
        return run(batch, noise) if self._graph is None else self._graph.replay(batch, noise)

    def _recorded(self, run: Pass, batch: Batch, noise: Sequence[Tensor]) -> _Graph | None:
        try:
            return _Graph(run, self._parameters, batch, noise)
        except RuntimeError:
            self._possible = False
            for parameter in self._parameters:
                parameter.grad = None
            return None


class _Graph:
    """One recorded pass, with the memory that it reads and writes."""

    def __init__(
        self, run: Pass, parameters: Sequence[nn.Parameter], batch: Batch, noise: Sequence[Tensor]
    ) -> None:
        self._inputs = [x.clone() for x in (*astuple(batch), *noise)]
        count = len(astuple(batch))
        self._parameters = parameters
        self._graph = torch.cuda.CUDAGraph()
        # Another thread makes the next batch meanwhile.
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._outputs = run(Batch(*self._inputs[:count]), self._inputs[count:])
        self._gradients = [parameter.grad for parameter in parameters]

    def replay(self, batch: Batch, noise: Sequence[Tensor]) -> tuple[Tensor, Terms]:
        torch._foreach_copy_(self._inputs, [*astuple(batch), *noise])
        self._graph.replay()
        for parameter, gradient in zip(self._parameters, self._gradients, strict=True):
            parameter.grad = gradient
        return self._outputs
