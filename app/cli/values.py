"""What options take: text -> value, or what is wrong with it. Each raises argparse.ArgumentTypeError."""

from __future__ import annotations

import argparse


def name_part(text: str) -> str:
    """A part of a file name."""
    if set(text) & set('/\\:*?"<>|\0'):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be part of a file name")
    return text


def unit(text: str) -> float:
    """A number in [0, 1]."""
    return number_in(text, 0, 1)


def strength(text: str) -> float | None:
    """A number in [0, 1], or None for "auto"."""
    return None if text == "auto" else unit(text)


def sharpness(text: str) -> float:
    """See `trainer.quality.sharpness`."""
    return number_in(text, -20, 0)


def degrees(text: str) -> float:
    """Up to a right angle."""
    return number_in(text, 0, 90)


def share(text: str) -> float:
    """Percent, 0 too."""
    return number_in(text, 0, 100)


def positive(text: str) -> float:
    """A number of at least 1."""
    return number_in(text, 1, 1_000_000)


def megapixels(text: str) -> int:
    """Megapixels, as pixels."""
    return round(number_in(text, 0.01, 1_000_000) * 1_000_000)


def number_in(text: str, low: float, high: float) -> float:
    """A number in [low, high]."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
    return value


def count(text: str) -> int:
    """A whole number of at least 1."""
    return whole_number_in(text, 1, 1024)


def percent(text: str) -> int:
    """A whole number of percent, at least 1."""
    return whole_number_in(text, 1, 100)


def whole_number_in(text: str, low: int, high: int) -> int:
    """A whole number in [low, high]."""
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)


def seed(text: str) -> int:
    """A whole number, 0 too."""
    return whole_number_in(text, 0, 2**32 - 1)
