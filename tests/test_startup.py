"""What only answers a question loads no engine."""

import subprocess
import sys

import pytest

from tests.conftest import SAMPLES

HEAVY = {"torch", "torchvision", "facexlib", "openvino", "cv2", "numpy", "PIL", "PySide6"}
PROGRAM = f"""
import sys
from app.__main__ import main
try:
    sys.exit(main())
finally:
    print(sorted({HEAVY} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--help", 0),
        ("--version", 0),
        ("restore --help", 0),
        ("faces --help", 0),
        ("train run --help", 0),
        ("nonsense", 2),
        ("restore photo.jpg", 2),
        ("restore photo.jpg -o out --strength 2", 2),
    ],
)
def test_help_version_and_wrong_usage_import_nothing_heavy(arguments: str, code: int) -> None:
    command = [sys.executable, "-c", PROGRAM, *arguments.split()]
    done = subprocess.run(command, cwd=SAMPLES.parent.parent, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
