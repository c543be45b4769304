"""Where the program starts: the window, one verb of the command line, or the training child of a window."""

import multiprocessing
import sys
from pathlib import Path


def main() -> int:
    """Run and return the exit code. Without arguments, or with files and folders alone, there is a window."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == ["--train-worker"]:
        # Where there is no interpreter beside the program, it is its own child.
        from trainer.worker import main as train

        return train(arguments)
    from app.cli.main import COMMANDS, run

    if all(argument not in COMMANDS and Path(argument).exists() for argument in arguments):
        from app.bootstrap import open_window

        return open_window([Path(argument).absolute() for argument in arguments])
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
