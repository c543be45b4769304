"""Thumbnails beside the photo that is being read: `core.thumbnails` in a thread of its own."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import thumbnails
from core.photos.quiet import without_warnings


def test_a_thumbnail_read_beside_a_photo_leaves_the_warnings_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(path)
    begun, may_end = threading.Event(), threading.Event()
    check = thumbnails.check_pixels

    def slow_check(*arguments: object, **options: object) -> None:
        begun.set()
        may_end.wait()
        check(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(thumbnails, "check_pixels", slow_check)
    before = list(warnings.filters)
    thread = threading.Thread(target=lambda: thumbnails.read_thumbnail(path, 32))
    with without_warnings():
        thread.start()
        begun.wait()
    may_end.set()
    thread.join()
    assert warnings.filters == before
