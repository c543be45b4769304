import io
import json
import math
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.events import (
    VERSION,
    Checkpoint,
    Done,
    Error,
    Event,
    EventLog,
    Hello,
    JsonLines,
    NewerVersionError,
    Sample,
    State,
    Step,
    Warning,
    decode,
    encode,
    read_events,
)

HELLO = Hello("anna", "/runs/anna", "quick", 0, 10, "cpu", "fp32", 4, 1, 1000, 20, 2, ["l1"], [], [])
EVERY = [
    HELLO,
    Step(3, 10, {"l1": 0.5}, 1e-3, 2.5, 60.0, 1000),
    Sample(3, "/runs/anna/samples/000003.jpg", {"psnr": 25.0}),
    Checkpoint(3, "/runs/anna/checkpoints/step-000003.ckpt", True),
    State("paused", 3),
    Warning("It is getting worse."),
    Error("It broke."),
    Done("finished", 10, "/runs/anna/model.safetensors", "anna", {"after": {"psnr": 26.0}}),
]


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_an_event_comes_through(event):
    line = encode(event)
    assert "\n" not in line
    assert json.loads(line)["event"] == type(event).__name__.lower()
    assert decode(line) == event


def test_every_event_is_tested():
    assert {type(event) for event in EVERY} == set(Event.__subclasses__())


def test_numbers_that_are_not_finite_are_null():
    line = encode(Step(1, 2, {"l1": math.nan, "identity": math.inf}, 1e-3, 1.0, math.inf, 0))
    content = json.loads(line, parse_constant=pytest.fail)
    assert content["losses"] == {"l1": None, "identity": None}
    assert content["seconds_left"] is None


def test_readers_leave_out_what_they_do_not_know():
    assert decode('{"event": "fanfare", "time": "now"}') is None
    assert decode('{"event": "warning", "message": "Slow.", "colour": "red"}') == Warning("Slow.")
    assert decode('{"event": "warning"}') is None
    assert decode("[1, 2") is None
    assert decode("[1, 2]") is None


def test_a_newer_protocol_is_said():
    line = json.dumps({**json.loads(encode(HELLO)), "version": VERSION + 1})
    with pytest.raises(NewerVersionError, match="update it"):
        decode(line)


def test_the_log_goes_on_after_a_line_that_was_cut_off(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text(encode(HELLO) + "\n" + encode(EVERY[1])[:20])
    log = EventLog(path)
    log(State("running", 3))
    log.warn("Slow.")
    assert list(read_events(path)) == [HELLO, State("running", 3), Warning("Slow.")]


def test_a_folder_that_is_gone_is_said_once(tmp_path):
    said: list[Event] = []
    log = EventLog(tmp_path / "gone" / "events.jsonl", said.append)
    log(HELLO)
    log(State("running", 3))
    assert said[1:] == [HELLO, State("running", 3)]
    assert isinstance(said[0], Warning)
    assert "the run goes on" in said[0].message


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
def test_a_full_disk_stops_nothing(tmp_path):
    said: list[Event] = []
    log = EventLog(tmp_path / "events.jsonl", said.append)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        for _ in range(3):
            log(State("running", 3))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert [type(event) for event in said].count(Warning) == 1
    assert [type(event) for event in said].count(State) == 3


def test_a_window_that_died_stops_nothing():
    code = (
        "import sys, time; from trainer.events import *\n"
        "sink = JsonLines(sys.stdout)\n"
        "for step in range(2000): sink(State('running', step))\n"
        "sys.stderr.write('came to the end')"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout
    assert child.stderr
    first = child.stdout.readline()
    child.stdout.close()
    errors = child.stderr.read().decode()
    child.stderr.close()
    child.wait(30)
    assert decode(first.decode()) == State("running", 0)
    assert "came to the end" in errors


def test_each_line_is_flushed():
    class Stream(io.StringIO):
        flushed = ""

        def flush(self):
            self.flushed = self.getvalue()

    stream = Stream()
    JsonLines(stream)(State("running", 3))
    assert decode(stream.flushed) == State("running", 3)
