"""Seconds and bytes as people say them."""


def rounded(seconds: float) -> tuple[int, int, int]:
    """(days, hours, minutes) to the precision of a guess: never more than two of them differ from 0."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return 0, 0, minutes if seconds >= 60 else 0
    if minutes < 600:
        return 0, *divmod(round(minutes, -1), 60)
    hours = round(minutes / 60)
    return (0, hours, 0) if hours < 48 else (round(hours / 24), 0, 0)


def duration(seconds: float) -> str:
    """Seconds as people say them: "about 2 h 40 min"."""
    days, hours, minutes = rounded(seconds)
    parts = [f"{days} days" * bool(days), f"{hours} h" * bool(hours), f"{minutes} min" * bool(minutes)]
    words = " ".join(filter(None, parts))
    return f"about {words}" if words else "less than a minute"


def amount(size: float) -> str:
    """Bytes as people say them: "3.1 GB", "850 MB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(round(size / 1e6), 1)} MB"
