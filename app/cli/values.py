"""What an option of the command line may be: each takes its text and raises ArgumentTypeError."""

from __future__ import annotations

import argparse


def name_part(text: str) -> str:
    """A part of a file's name."""
    if set(text) & set('/\\:*?"<>|\0'):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be part of a file name")
    return text


def unit(text: str) -> float:
    """A number from 0 to 1."""
    return _number_in(text, 0, 1)


def sharpness(text: str) -> float:
    """A sharpness, as `trainer.quality` measures it."""
    return _number_in(text, -20, 0)


def degrees(text: str) -> float:
    """An angle from 0 to 90 degrees."""
    return _number_in(text, 0, 90)


def share(text: str) -> float:
    """Percent, also broken ones."""
    return _number_in(text, 0, 100)


def positive(text: str) -> float:
    """A number from 1."""
    return _number_in(text, 1, 1_000_000)


def megapixels(text: str) -> int:
    """Megapixels, as pixels."""
    return round(_number_in(text, 0.01, 1_000_000) * 1_000_000)


def _number_in(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
    return value


def count(text: str) -> int:
    """A whole number from 1."""
    return _whole_number_in(text, 1, 1024)


def percent(text: str) -> int:
    """A whole number from 1 to 100."""
    return _whole_number_in(text, 1, 100)


def _whole_number_in(text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)
