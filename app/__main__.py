"""Where the program starts: the window, or one verb of the command line."""

import multiprocessing
import sys


def main() -> int:
    """Run and return the exit code."""
    multiprocessing.freeze_support()
    from app.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
