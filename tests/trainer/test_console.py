"""What people at a terminal read of a run."""

import io
from dataclasses import replace

import pytest

from trainer.console import Console
from trainer.events import Checkpoint, Done, Error, Event, Hello, Sample, State, Step, Warning

HELLO = Hello(
    run="anna",
    folder="runs/anna",
    preset="personal",
    step=500,
    steps=3000,
    device="cpu",
    precision="fp32",
    batch=4,
    processes=1,
    parameters=71_300_000,
    faces=1234,
    held_out=12,
    terms=["l1", "pyramid"],
    off=["The identity loss is off, so faces drift further from the person: no file."],
    estimate=["The run takes 2 hours."],
)
STEP = Step(1200, 3000, {"l1": 0.12345, "total": 1.5}, 1e-4, 3.46, 7200.0, 10**9)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(*events: Event, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    console = Console(stream)
    for event in events:
        console(event)
    return stream.getvalue()


def test_the_first_lines_say_what_is_done() -> None:
    assert said(HELLO) == (
        "Run 'runs/anna': preset personal, steps 500 to 3,000 of 4 faces on cpu in fp32.\n"
        "71.3 million parameters learn from 1,234 faces, judged by 12 others.\n"
        "Loss terms: l1, pyramid.\n"
        "The identity loss is off, so faces drift further from the person: no file.\n"
        "The run takes 2 hours.\n"
    )
    assert "in fp32, 2 processes." in said(replace(HELLO, processes=2))


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (STEP, "  1200/3000  3.5 faces/s  about 2 h left  l1 0.123  total 1.5\n"),
        (
            Sample(500, "", {"psnr": 24.567, "ssim": 0.71234, "perceptual": 2.5, "identity_angle": 38.04}),
            "After 500 steps, held-out faces: PSNR 24.57 dB, SSIM 0.7123, perceptual distance 2.5000, "
            "identity angle 38.0 degrees.\n",
        ),
        (Sample(500, "samples/000500.jpg"), "Samples: samples/000500.jpg\n"),
        (Sample(500, ""), ""),
        (Checkpoint(500, "step-000500.ckpt", best=False), ""),
        (Checkpoint(500, "step-000500.ckpt", best=True), "The best so far: step-000500.ckpt\n"),
        (State("paused", 3), "The run is paused.\n"),
        (Warning("Something is odd."), "Warning: Something is odd.\n"),
        (Error("Something is broken."), "Error: Something is broken.\n"),
        (Done("stopped", 1200), "Stopped; --resume goes on, after 1,200 steps.\n"),
        (Done("failed", 3), "Failed, after 3 steps.\n"),
        (
            Done("finished", 3000, "runs/anna/model.safetensors", "anna", {"before": {"psnr": 24.0}, "after": {}}),
            "Finished, after 3,000 steps.\n  before: PSNR 24.00 dB\nThe model: runs/anna/model.safetensors\n"
            "Use it with: restore PHOTOS -o RESULTS --model anna\n",
        ),
    ],
)
def test_lines(event: Event, line: str) -> None:
    assert said(event) == line


def test_without_a_network_that_sees_faces_nobody_knows_whether_it_became_better() -> None:
    blind = {"before": {"psnr": 24.0}, "after": {"psnr": 25.0}}
    seeing = {name: values | {"identity_angle": 30.0} for name, values in blind.items()}
    assert "Whether it became better is not known" in said(Done("finished", 3, "m", "anna", blind))
    assert "not known" not in said(Done("finished", 3, "m", "anna", seeing))


def test_progress_is_written_over_on_a_terminal_only() -> None:
    second = replace(STEP, step=1210)
    seen = said(STEP, second, State("paused", 1210), stream=Terminal())
    assert seen.count("\n") == 1
    assert seen.startswith("  1200/3000")
    assert seen.endswith("\r\x1b[KThe run is paused.\n")
    assert "\r\x1b[K  1210/3000" in seen
    assert said(STEP, second).count("\n") == 2


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_a_terminal_that_is_gone_stops_nothing(stream: io.StringIO | None) -> None:
    console = Console(stream)
    if stream is not None:
        stream.close()
    console(STEP)
    console(STEP)
