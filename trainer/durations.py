"""Seconds and bytes as people say them."""


def duration(seconds: float) -> str:
    """Seconds as people say them, to the precision of a guess: "about 2 h 40 min"."""
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"about {minutes} min"
    if minutes < 600:
        hours, rest = divmod(round(minutes, -1), 60)
        return f"about {hours} h {rest} min" if rest else f"about {hours} h"
    hours = round(minutes / 60)
    return f"about {hours} h" if hours < 48 else f"about {round(hours / 24)} days"


def amount(size: float) -> str:
    """Bytes as people say them: "3.1 GB", "850 MB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(round(size / 1e6), 1)} MB"
