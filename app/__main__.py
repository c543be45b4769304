"""Where the program starts: the window, one verb of the command line, or the training child of a window."""

import multiprocessing
import sys
from contextlib import suppress
from pathlib import Path


def main() -> int:
    """Run and return the exit code. Without arguments, or with files and folders alone, there is a window."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == ["--train-worker"]:
        # Where there is no interpreter beside the program, it is its own child.
        from trainer.worker import main as train

        open_streams()
        return train(arguments)
    from app.cli.main import COMMANDS, run

    if all(argument not in COMMANDS and Path(argument).exists() for argument in arguments):
        from app.bootstrap import open_window

        return open_window([Path(argument).absolute() for argument in arguments])
    return run(arguments)


def open_streams() -> None:
    """A windowed program has no standard streams, though its parent may have given it pipes."""
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace"))  # noqa: PTH123, SIM115


if __name__ == "__main__":
    sys.exit(main())
