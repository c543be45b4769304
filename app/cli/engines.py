"""What the command line says about devices, and what it is told of them."""

from __future__ import annotations

import argparse
import sys

import cv2

from core.devices import AUTO, choose_target
from core.engines.engine import Target


def chosen_target(options: argparse.Namespace, precision: str = AUTO) -> Target:
    """What --device and --threads, and a precision, mean. Raises DeviceError."""
    if options.threads is not None:
        cv2.setNumThreads(options.threads)
    return choose_target(options.device, precision, options.threads)


def say_now(sentence: str) -> None:
    """Tell the user something before the first photo."""
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)
