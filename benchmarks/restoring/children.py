"""The two sides of a benchmark, each in a process of its own that is driven by lines of JSON.

A request is `{"do": COMMAND, **arguments}`, an answer `{"answer": VALUE}` or `{"error": TRACEBACK}`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def serve(commands: Mapping[str, Callable[..., Any]]) -> None:
    """In the child: carry out the requests on standard input until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    # What libraries print would be taken for an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": commands[request.pop("do")](**request)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


class Child:
    """A module of this folder that calls `serve`, as a process; a context manager that ends it.

    `packages` are folders that come before all others on its path, `variables` its further environment.
    """

    def __init__(
        self,
        module: str,
        folder: Path,
        packages: tuple[Path, ...] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        path = os.pathsep.join([*map(str, packages), str(ROOT)])
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.restoring.{module}"],
            cwd=folder,
            env={**os.environ, **(variables or {}), "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def ask(self, command: str, **arguments: Any) -> Any:
        """The answer to one request. RuntimeError with the child's own words when it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"do": command, **arguments}), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        reply = json.loads(line) if line else {"error": self._last_words()}
        if "error" in reply:
            raise RuntimeError(f"{command} failed in {self._process.args}: {reply['error']}")
        return reply["answer"]

    def _last_words(self) -> str:
        self._log.seek(0)
        return f"it ended with {self._process.wait()}. {self._log.read()[-2000:]}"

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.communicate()
        self._log.close()
