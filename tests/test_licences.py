"""What is told of licences: complete, with texts, without the GPL, and in the photo where that is wanted."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import core.encoding
from app.cli.main import run
from app.licences import LGPL_NOTICE, components
from core.encoding import OutputFormat, container, write_photo
from core.models import APP_NAME, catalogue
from core.models.terms import usage_terms
from core.photo import read_photo
from core.photos.xmp import HistoryEntry, with_history
from tests.conftest import PATIENCE, SAMPLES
from tests.fuzz.seeds import DEEP, heic

REQUIRED = [Requirement(each) for each in distribution(APP_NAME).requires or ()]
TERMS = etree.XPath(
    "//xmpRights:UsageTerms/rdf:Alt/rdf:li[@xml:lang='x-default']/text()",
    namespaces={
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    },
)


def terms_in(xmp: bytes) -> list[str]:
    return list(TERMS(etree.fromstring(xmp)))


def entry(terms: str) -> HistoryEntry:
    return HistoryEntry("gfpgan-desktop", "a face", datetime(2026, 1, 2, tzinfo=UTC), terms=terms)


def test_every_requirement_is_listed_with_its_terms_and_texts() -> None:
    listed = {canonicalize_name(each.name): each for each in components()}
    needed = [each.name for each in REQUIRED if each.marker is None or each.marker.evaluate({"extra": ""})]
    # What requirements require is there too.
    for name in [*needed, "shiboken6", "markupsafe", "python", APP_NAME]:
        component = listed[canonicalize_name(name)]
        assert component.licence != "not told by the package"
        assert component.texts, name
        assert max(len(text.read()) for text in component.texts) > 500
    assert "pytest" not in listed
    for qt in ("pyside6", "pyside6-essentials", "shiboken6"):
        assert {text.name.name for text in listed[qt].texts} >= {"LGPL-3.0.txt", "GPL-3.0.txt"}


def test_nothing_that_the_program_needs_is_under_the_gpl() -> None:
    optional = {"pillow-heif", "spandrel-extra-arches"}
    for component in components():
        if canonicalize_name(component.name) in optional:
            continue
        alternatives = re.split(r" OR ", component.licence)
        assert any("GPL" not in each.replace("LGPL", "") for each in alternatives), component
        if component.name != "Python":
            files = distribution(component.name).files or []
            assert not [file for file in files if re.search(r"x26[45]", file.name)]


def test_the_command_lists_packages_models_and_notices(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["licences"]) == 0
    told = capsys.readouterr().out
    assert LGPL_NOTICE in told
    for model in catalogue():
        (line,) = [line for line in told.splitlines() if line.startswith(f"  {model.name} ")]
        assert model.licence in line
        assert ("⚠" in line) == model.non_commercial
    assert run(["licences", "NumPy", "bundled-detector"]) == 0
    told = capsys.readouterr().out
    assert "NumPy Developers" in told
    assert "FFHQ" in told
    assert run(["licences", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == len(components()) + len(catalogue())
    assert run(["licences", "nothing-of-ours"]) == 2


def test_a_reader_who_has_enough_is_no_error() -> None:
    done = subprocess.run(
        f"'{sys.executable}' -m app licences --full | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stderr == ""


def test_models_made_of_restricted_pictures_are_marked() -> None:
    assert all(each.non_commercial for each in catalogue() if each.bundled)
    assert all(each.non_commercial for each in catalogue() if "non-commercial" in each.licence)


def test_terms_go_behind_those_that_are_there() -> None:
    xmp = with_history(with_history(b"", entry("Mine.")), entry("Faces restored by a model."))
    again = with_history(xmp, entry("Faces restored by a model."))
    assert terms_in(again) == ["Mine.\nFaces restored by a model."]
    assert terms_in(with_history(b"", entry(""))) == []


def test_terms_name_each_model_once_and_one_that_is_gone() -> None:
    sentence = usage_terms([None, "bundled-restorer", "gone"])
    assert sentence.count("non-commercial") == 1
    assert "gone (licence not known)" in sentence


@pytest.mark.slow
def test_a_result_names_the_model_and_its_licence_if_asked_to(tmp_path: Path) -> None:
    assert run(["restore", str(SAMPLES / "wallet-photo.jpg"), "-o", str(tmp_path), "--note-licence"]) == 0
    assert terms_in(read_photo(tmp_path / "wallet-photo.jpg").metadata["xmp"]) == [usage_terms([None])]


def test_without_the_encoder_heic_is_read_and_becomes_png(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(core.encoding, "WRITES_HEIC", False)
    path = tmp_path / "photo.heic"
    path.write_bytes(heic(DEEP))
    photo = read_photo(path)
    assert photo.samples.dtype == np.uint16
    name = container(photo, OutputFormat.KEEP)
    assert write_photo(photo, photo.rgb, tmp_path / "out.png", name) == []
    np.testing.assert_array_equal(read_photo(tmp_path / "out.png").samples, photo.samples)
    assert run(["restore", str(path), "-o", str(tmp_path / "out"), "--format", "heic"]) == 2
    assert "gfpgan-desktop[heic]" in capsys.readouterr().err


def test_reading_heic_needs_no_encoder() -> None:
    lines = ["import sys", "sys.modules['pillow_heif'] = None", "import core.photos.heif as heif"]
    code = "; ".join([*lines, "import pi_heif; print(pi_heif.libheif_info())"])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert "x265" not in done.stdout
