"""Numbers, durations and sizes as the user's language writes them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from trainer.durations import rounded


def duration(seconds: float) -> str:
    """Seconds as people say them, to the precision of a guess."""
    days, hours, minutes = rounded(seconds)
    if days:
        return QCoreApplication.translate("Amounts", "about {days} days").format(days=days)
    if hours and minutes:
        words = QCoreApplication.translate("Amounts", "about {hours} h {minutes} min")
        return words.format(hours=hours, minutes=minutes)
    if hours:
        return QCoreApplication.translate("Amounts", "about {hours} h").format(hours=hours)
    if minutes:
        return QCoreApplication.translate("Amounts", "about {minutes} min").format(minutes=minutes)
    return QCoreApplication.translate("Amounts", "less than a minute")


def amount(size: float) -> str:
    """Bytes as people say them, in powers of ten."""
    digits = 1 if size >= 1e9 else 0
    return QLocale().formattedDataSize(round(size), digits, QLocale.DataSizeFormat.DataSizeSIFormat)


def number(value: float, digits: int = 0) -> str:
    """A number with so many decimals."""
    return QLocale().toString(float(value), "f", digits)
