"""How a run is told to pause, to go on, to show samples and to stop. No torch here."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, Any

COMMANDS = ("pause", "resume", "sample", "stop")


class Control:
    """What was asked of a run; any thread may ask, and the loop looks between two steps.

    signal  the number of the signal that asked it to stop, None if none did
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._stop, self._sample = threading.Event(), threading.Event()
        self._running = threading.Event()
        self._running.set()

    def pause(self) -> None:
        self._running.clear()

    def resume(self) -> None:
        self._running.set()

    def sample(self) -> None:
        self._sample.set()

    def stop(self) -> None:
        """Save and end. A paused run ends as well."""
        self._stop.set()
        self._running.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        return not self._running.is_set()

    def take_sample(self) -> bool:
        """Whether samples were asked for since the last call."""
        asked = self._sample.is_set()
        self._sample.clear()
        return asked

    def wait(self, seconds: float) -> None:
        """Until the run is not paused, but no longer than `seconds`."""
        self._running.wait(seconds)

    def obey(self, stream: IO[str], answer: Callable[[str], None]) -> None:
        """Read commands from `stream`, one a line, in a thread of its own; its end means stop.

        Only for the child of a window: a shell's standard input is not meant for a run, and ends under nohup.
        `answer` is given a sentence on a line that is no command; it is called from that thread.
        """

        def listen() -> None:
            # What cannot be read, or is no text, is no window any more either.
            with suppress(OSError, ValueError), stream:
                for line in stream:
                    command = line.strip()
                    if command in COMMANDS:
                        getattr(self, command)()
                    elif command:
                        answer(f"'{command}' is no command; there are {', '.join(COMMANDS)}.")
            self.stop()

        # A daemon, for reading standard input cannot be interrupted.
        threading.Thread(target=listen, name="commands", daemon=True).start()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM stop the run; a second SIGINT raises KeyboardInterrupt.

        SIGHUP stays as it is, for nohup. Only in the main thread.
        """

        def ask(number: int, _: FrameType | None) -> None:
            if self.stopping and number == signal.SIGINT:
                raise KeyboardInterrupt
            self.signal = number
            self.stop()

        before: dict[int, Any] = {n: signal.signal(n, ask) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
