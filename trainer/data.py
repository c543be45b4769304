"""From a dataset's folder to batches."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext
from typing import Self, TypeVar

import cv2
import torch
from torch import Tensor

from trainer import sampling
from trainer.degradation_device import DeviceDegradation
from trainer.faces import Faces, Samples, Source
from trainer.types import Batch

Item = TypeVar("Item")

_AHEAD = 2  # micro-batches a worker: one that it makes and one that waits
_DEATHS = 3  # after so many the consuming process makes the samples itself


def held_out_batches(
    source: Source, batch: int, count: int, warn: Callable[[str], None] | None = None, ways: int = 1
) -> list[Batch]:
    """Batches, on the CPU, of at most `count` faces of the source, evenly chosen; none where it has no faces.

    All faces come `ways` times over, each time with another degradation. The degradation of the n-th sample is the
    same in every run, whatever the seed; nothing is flipped, mixed or augmented, and no colours are changed. The
    last batch may be smaller. `warn` takes a sentence for each file that cannot be read. Raises DatasetError when
    no face can be read.
    """
    if not source.faces:
        return []
    faces = Faces(
        replace(
            source, augment=0.0, mix=0.0, degradation=source.degradation and source.degradation.without_color()
        )
    )
    count = min(count, len(source.faces))
    chosen = [number * len(source.faces) // count for number in range(count)] * ways
    batches, told = [], set()
    for first in range(0, len(chosen), batch):
        some = chosen[first : first + batch]
        seeds = [sampling.seed_at(first + n, sampling.HELD_OUT_SEED) for n in range(len(some))]
        others = [itertools.chain(range(face, len(source.faces)), range(face)) for face in some]
        samples = faces.samples(others, seeds, [False] * len(some))
        if warn:
            for problem in samples.problems.values():
                if problem not in told:
                    told.add(problem)
                    warn(problem)
        batches.append(_as_batch(samples))
    return batches


class Loader:
    """The batches of process `rank` of `count`, without end, each time the same.

    batch      samples in a micro-batch of one process
    workers    processes that make samples ahead; 0 makes them here, when asked
    device     where the batches are put
    on_device  degrade there, in batches, and not in the workers
    warn       takes a sentence for each file that cannot be read (once) and for workers that die; called from
               whatever thread makes the batches

    UsageError when the source has no faces.
    """

    def __init__(
        self,
        source: Source,
        batch: int,
        *,
        rank: int = 0,
        count: int = 1,
        workers: int = 0,
        device: torch.device,
        on_device: bool = False,
        warn: Callable[[str], None],
    ) -> None:
        self._degradation: DeviceDegradation | None = None
        if on_device and source.degradation is not None:
            self._degradation = DeviceDegradation(source.degradation.for_size(source.size))
            source = replace(source, degradation=None)
        self._faces = Faces(source)
        self._batch, self._rank, self._count = batch, rank, count
        self._device = device
        self._warn = warn
        self._told: set[str] = set()
        self._workers = workers
        self._deaths = 0
        self._pool: ProcessPoolExecutor | None = None
        self._batches: Generator[Batch] | None = None

    def batches(self, first: int) -> Iterator[Batch]:
        """The batches from micro-batch `first` (counted over the whole run) on, on the device.

        Raises DatasetError when no face can be read any more.
        """
        self._end_batches()
        self._batches = self._made(first)
        if self._device.type == "cuda":
            # The processor makes the next batch while the card computes.
            self._batches = one_ahead(self._batches)
        return self._batches

    def _made(self, first: int) -> Generator[Batch]:
        for samples in self._samples(first):
            for file, problem in samples.problems.items():
                if file not in self._told:
                    self._told.add(file)
                    self._warn(problem)
            yield _as_batch(samples, self._device, self._degradation)

    def close(self) -> None:
        """End the batches and the workers."""
        self._end_batches()
        self._end_workers()

    def _end_batches(self) -> None:
        if self._batches is not None:
            self._batches.close()
            self._batches = None

    def _end_workers(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _samples(self, number: int) -> Iterator[Samples]:
        while self._workers:
            try:
                for samples in self._from_workers(number):
                    yield samples
                    number += 1
            except BrokenProcessPool:
                self._replace_workers()
        while True:
            yield self._faces.at(self._positions(number))
            number += 1

    def _from_workers(self, first: int) -> Iterator[Samples]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, _context(), _begin_work, (self._faces,))
        numbers = itertools.count(first)
        ahead: deque[Future[Samples]] = deque()
        try:
            while True:
                while len(ahead) < _AHEAD * self._workers:
                    ahead.append(self._pool.submit(_work, self._positions(next(numbers))))
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def _positions(self, number: int) -> range:
        return sampling.positions(number, self._batch, self._rank, self._count)

    def _replace_workers(self) -> None:
        self._end_workers()
        self._deaths += 1
        if self._deaths < _DEATHS:
            self._warn(
                "A process that reads faces was ended, perhaps because memory is short; new ones take over. If "
                "this happens again, set data.workers lower."
            )
        else:
            self._workers = 0
            self._warn(
                f"Processes that read faces were ended {_DEATHS} times; the run goes on without them, more "
                "slowly. Set data.workers lower, or free some memory."
            )


def one_ahead(items: Generator[Item]) -> Generator[Item]:
    """The same endless items, the next one made in another thread while this one is in use; closing ends both."""
    with closing(items), ThreadPoolExecutor(1, "one-ahead") as thread:
        following = thread.submit(next, items)
        while True:
            item = following.result()
            following = thread.submit(next, items)
            yield item


def _as_batch(
    samples: Samples, device: torch.device | None = None, degradation: DeviceDegradation | None = None
) -> Batch:
    device = device or torch.device("cpu")

    def moved(x: Tensor) -> Tensor:
        # A copy from pinned memory does not wait for what the device has still to do.
        return (x.pin_memory() if device.type == "cuda" else x).to(device, non_blocking=True)

    def picture(levels: Tensor) -> Tensor:
        return moved(levels).float().div_(255)

    def scaled(x: Tensor) -> Tensor:
        # In place: a new tensor for each operation takes several times as long.
        return x.mul_(2).sub_(1)

    truths = picture(samples.truths)
    if degradation is not None:
        inputs, truths = degradation.pair(truths, samples.seeds.tolist())
    else:
        inputs = truths if samples.inputs is None else picture(samples.inputs)
    inputs = inputs if inputs is truths else scaled(inputs)
    truths = scaled(truths)
    return Batch(inputs, truths, moved(samples.boxes), moved(samples.seeds))


def _context() -> BaseContext:
    """How workers begin: never as a copy of this process, whose threads (PyTorch's, CUDA's) may hold locks.

    On Linux a server that has imported this module (about 4 s, once) forks them in no time, and they share its
    memory. Elsewhere each imports for itself, all at once, which a run of minutes or days can bear.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    # The server is begun with Ctrl-C blocked, which its workers inherit: in `_begin_work` it could be too late.
    resource_tracker.ensure_running()  # by the server otherwise, and it unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


_worker_faces: Faces


def _begin_work(faces: Faces) -> None:
    """Runs first in each worker."""
    global _worker_faces
    _worker_faces = faces
    # Ctrl-C is for the run alone: it saves and then ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(positions: range) -> Samples:
    return _worker_faces.at(positions)
