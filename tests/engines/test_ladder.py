"""When memory runs out, the engine steps down, says so, stays down, and loses nothing."""

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
import torch

from core.engines.engine import Precision, Target
from core.engines.ladder import LadderEngine, out_of_memory

ERRORS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("MPS backend out of memory (MPS allocated: 17 GB)"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: not enough memory: you tried to"),
    RuntimeError("Exception from src/plugins/intel_cpu: std::bad_alloc"),
    MemoryError(),
]
GPU = Target("pytorch", "cuda:0")
HALF = Target("pytorch", "cuda:0", Precision.BF16)
PROCESSOR = Target("openvino", "CPU")


class Limited:
    """Doubles pictures, `room` at a time; asked for more, it raises `error`."""

    size = 8

    def __init__(self, target: Target, room: int, error: BaseException | None = None) -> None:
        self.target, self.room, self.error = target, room, error or ERRORS[0]
        self.batches: list[int] = []

    def run(self, images: np.ndarray) -> np.ndarray:
        self.batches.append(len(images))
        if len(images) > self.room:
            raise self.error
        return images * 2


def pictures(count: int) -> np.ndarray:
    return np.arange(count * 3 * 8 * 8, dtype=np.float32).reshape(count, 3, 8, 8)


def ladder(*engines: Limited) -> tuple[LadderEngine, list[str]]:
    said: list[str] = []
    steps: list[Callable[[], Limited]] = [lambda engine=engine: engine for engine in engines]
    return LadderEngine(steps, "restorer", said.append), said


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_fewer_at_a_time_come_first(error: BaseException) -> None:
    engine = Limited(GPU, 1, error)
    steps, said = ladder(engine, Limited(HALF, 99))
    np.testing.assert_array_equal(steps.run(pictures(5)), pictures(5) * 2)
    assert engine.batches == [5, 2, 1, 1, 1, 1, 1]
    assert [sentence.partition("; ")[2] for sentence in said] == ["it goes on with 2", "it goes on with 1"]
    assert "restorer ran out of memory with 5 pictures at a time" in said[0]
    assert steps.target == GPU


def test_then_less_precision_then_the_processor_and_it_stays_there() -> None:
    engines = Limited(GPU, 0), Limited(HALF, 0), Limited(PROCESSOR, 1)
    steps, said = ladder(*engines)
    np.testing.assert_array_equal(steps.run(pictures(2)), pictures(2) * 2)
    assert [engine.batches for engine in engines] == [[2, 1], [1], [1, 1]]
    assert steps.target == PROCESSOR
    assert said[1:] == [
        "the restorer ran out of memory on cuda:0 in fp32; it goes on with cuda:0 in bf16",
        "the restorer ran out of memory on cuda:0 in bf16; it goes on with openvino:CPU in fp32",
    ]
    steps.run(pictures(2))
    assert engines[0].batches == [2, 1]
    assert len(said) == 3


def test_what_was_done_before_memory_ran_out_is_not_done_again() -> None:
    class Filling(Limited):
        def run(self, images: np.ndarray) -> np.ndarray:
            self.room = 2 if len(self.batches) < 2 else 1
            return super().run(images)

    engine = Filling(GPU, 2)
    steps, _ = ladder(engine)
    np.testing.assert_array_equal(steps.run(pictures(4)), pictures(4) * 2)
    assert engine.batches == [4, 2, 2, 1, 1]


def test_a_step_that_does_not_even_open_is_left_out() -> None:
    def full() -> Limited:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    said: list[str] = []
    steps = LadderEngine([lambda: Limited(GPU, 0), full, lambda: Limited(PROCESSOR, 1)], "parser", said.append)
    np.testing.assert_array_equal(steps.run(pictures(1)), pictures(1) * 2)
    assert said == ["the parser ran out of memory on cuda:0 in fp32; it goes on with openvino:CPU in fp32"]
    at_once = LadderEngine([full, lambda: Limited(PROCESSOR, 1)], "parser", said.append)
    assert at_once.target == PROCESSOR
    assert said[1:] == ["the parser ran out of memory while it was loaded; it goes on with openvino:CPU in fp32"]
    with pytest.raises(MemoryError, match="The parser does not fit into memory"):
        LadderEngine([full, full], "parser")


def test_the_memory_of_one_step_is_free_for_the_next() -> None:
    alive: list[weakref.ref[Limited]] = []

    def first() -> Limited:
        engine = Limited(GPU, 0, MemoryError())
        alive.append(weakref.ref(engine))
        return engine

    def second() -> Limited:
        gc.collect()
        assert alive[0]() is None
        return Limited(HALF, 1)

    LadderEngine([first, second], "restorer").run(pictures(1))


def test_at_the_end_of_the_ladder_memory_is_what_is_missing() -> None:
    engine = Limited(PROCESSOR, 0)
    steps, said = ladder(engine)
    with pytest.raises(MemoryError, match="The restorer does not fit into memory on openvino:CPU in fp32"):
        steps.run(pictures(1))
    assert said == ["the restorer ran out of memory on openvino:CPU in fp32, and nothing smaller is left"]
    engine.room = 1
    np.testing.assert_array_equal(steps.run(pictures(1)), pictures(1) * 2)


def test_other_errors_are_no_reason_to_step_down() -> None:
    steps, said = ladder(Limited(GPU, 0, RuntimeError("shapes do not match")), Limited(HALF, 9))
    with pytest.raises(RuntimeError, match="shapes"):
        steps.run(pictures(1))
    assert said == []


def test_real_lack_of_memory_is_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert out_of_memory(caught.value)
    assert not out_of_memory(ValueError("out of memory"))
