"""What the window relies on in the Qt bindings that are installed."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QRectF


def test_calls_that_return_nothing_take_no_reference_away() -> None:
    # PySide6 6.12.0 does before Python 3.12: after some thousand calls the program ends ("deallocating None").
    thing, rect = QObject(), QRectF(0, 0, 1, 1)
    before = sys.getrefcount(None)
    for _ in range(200):
        thing.setObjectName("a")
        rect.moveTo(1, 1)
    assert abs(sys.getrefcount(None) - before) < 50
