import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import PATIENCE
from trainer.control import Control

ROOT = Path(__file__).parents[2]
LOOP = """
import sys, time
from trainer.control import Control
control = Control()
with control.signals():
    if "child" in sys.argv:
        control.obey(sys.stdin, lambda text: print(text, flush=True))
    print("ready", flush=True)
    for step in range(3000):
        if control.stopping:
            print("saved", control.signal, flush=True)
            break
        if control.take_sample():
            print("sampled", flush=True)
        if control.paused:
            print("paused", flush=True)
            while control.paused:
                control.wait(0.1)
            print("stopping" if control.stopping else "running", flush=True)
        time.sleep(0.01)
    else:
        print("came to the end", flush=True)
"""


def start(*arguments: str, **options) -> subprocess.Popen:
    child = subprocess.Popen(
        [*options.pop("before", []), sys.executable, "-c", LOOP, *arguments],
        stdin=options.pop("stdin", subprocess.PIPE),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        **options,
    )
    assert child.stdout
    while child.stdout.readline().strip() != "ready":
        pass
    return child


def test_the_windows_child_obeys():
    child = start("child")
    assert child.stdin
    assert child.stdout
    for command, answer in [
        ("sample", "sampled"),
        ("pause", "paused"),
        ("resume", "running"),
        ("dance", "'dance' is no command; there are pause, resume, sample, stop."),
        ("pause", "paused"),
        ("stop", "stopping"),
    ]:
        child.stdin.write(command + "\n")
        child.stdin.flush()
        assert child.stdout.readline().strip() == answer
    assert child.communicate(timeout=PATIENCE)[0].strip() == "saved None"


def test_the_end_of_its_input_stops_the_windows_child():
    child = start("child")
    assert child.communicate(timeout=PATIENCE)[0].strip() == "saved None"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("arguments", [[], ["child"]])
def test_a_signal_stops(number, arguments):
    child = start(*arguments)
    child.send_signal(number)
    assert child.stdout
    assert child.stdout.readline().strip() == f"saved {int(number)}"
    child.communicate(timeout=PATIENCE)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no nohup")
def test_a_run_under_nohup_goes_on():
    child = start(before=["nohup"], stdin=subprocess.DEVNULL)
    child.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert child.poll() is None
    child.send_signal(signal.SIGTERM)
    assert child.communicate(timeout=PATIENCE)[0].strip() == f"saved {int(signal.SIGTERM)}"


def test_a_second_interrupt_is_one():
    control = Control()
    before = signal.getsignal(signal.SIGINT)

    def interrupt_twice() -> None:
        with control.signals():
            os.kill(os.getpid(), signal.SIGINT)
            assert control.stopping
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)

    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_sample_is_taken_once():
    control = Control()
    control.sample()
    assert [control.take_sample(), control.take_sample()] == [True, False]
