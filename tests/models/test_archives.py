"""Importing from zip and tar archives, also from such as are made to do harm."""

from __future__ import annotations

import io
import shutil
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.errors import Cancelled
from core.models import archives, find_model
from core.models.importing import Imported, Refused, import_models
from core.models.installing import ImportOptions
from core.progress import CancelToken
from tests.models.conftest import left_in
from tests.models.networks import malicious, published, restorer, upscaler


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with two models and a text."""
    folder = tmp_path / "their files"
    published(restorer(), folder / "deep" / "anna.pth")
    published(upscaler(), folder / "4x.pth")
    (folder / "read me.txt").write_text("two models")
    return folder


def outcomes(*sources: Path) -> tuple[list[Imported], list[str]]:
    """What was imported, and why the rest was not."""
    found = list(import_models(sources))
    return (
        [outcome for outcome in found if isinstance(outcome, Imported)],
        [outcome.why for outcome in found if isinstance(outcome, Refused)],
    )


@pytest.mark.parametrize("form", ["zip", "tar", "gztar", "bztar", "xztar"])
def test_models_come_out_of_every_archive(files: Path, tmp_path: Path, own_models_folder: Path, form: str) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), form, files))
    before = archive.read_bytes()
    taken, refused = outcomes(archive)
    assert {outcome.place.name for outcome in taken} == {"anna.pth", "4x.pth"}
    assert not refused
    assert {outcome.done for outcome in taken} == {"copied"}
    assert find_model("anna", "restorer").path.read_bytes() == (files / "deep" / "anna.pth").read_bytes()
    assert left_in(own_models_folder) == {"anna.pth", "4x.pth", "records.json"}
    assert archive.read_bytes() == before


def test_a_pytorch_file_is_no_archive(files: Path) -> None:
    assert zipfile.is_zipfile(files / "4x.pth")
    assert not archives.is_archive(files / "4x.pth")


def test_a_file_of_zeros_is_no_archive_and_holds_nobody_up(tmp_path: Path) -> None:
    with (tmp_path / "preallocated.tar.xz").open("wb") as file:
        file.truncate(1 << 40)
    assert not archives.is_archive(tmp_path / "preallocated.tar.xz")


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tar_of(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            row = tarfile.TarInfo(name)
            row.size = len(content)
            archive.addfile(row, io.BytesIO(content))
    return path


@pytest.mark.parametrize("pack", [zip_of, tar_of])
@pytest.mark.parametrize(
    "name", ["../escaped.pth", "a/../../escaped.pth", "/escaped.pth", "..\\escaped.pth", "C:\\escaped.pth"]
)
def test_members_that_lead_out_are_refused(
    files: Path, tmp_path: Path, own_models_folder: Path, pack: Callable[..., Path], name: str
) -> None:
    content = (files / "4x.pth").read_bytes()
    taken, refused = outcomes(pack(tmp_path / "packed", {name: content, "fine/4x.pth": content}))
    assert [outcome.place for outcome in taken] == [own_models_folder / "4x.pth"]
    (why,) = refused
    assert "leads out of the archive" in why
    assert not list(tmp_path.rglob("*escaped*"))


def test_links_in_a_tar_are_left_alone(tmp_path: Path, files: Path) -> None:
    with tarfile.open(tmp_path / "packed.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            row = tarfile.TarInfo(f"link{kind!r}.pth")
            row.type, row.linkname = kind, str(files / "4x.pth")
            archive.addfile(row)
    taken, refused = outcomes(tmp_path / "packed.tar")
    assert not taken
    assert "There is no weights file in" in refused[0]


def test_code_inside_an_archive_is_refused_and_not_run(tmp_path: Path, own_models_folder: Path) -> None:
    content = malicious(tmp_path / "evil.pth", tmp_path / "trace").read_bytes()
    taken, refused = outcomes(zip_of(tmp_path / "packed.zip", {"models/evil.pth": content}))
    assert not taken
    assert "'evil.pth' holds Python code" in refused[0]
    assert not (tmp_path / "trace").exists()
    assert left_in(own_models_folder) == set()


def test_bombs_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.pth", bytes(10_000_000))
    assert "packed too tight" in outcomes(tmp_path / "bomb.zip")[1][0]
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1_000_000)
    tar_of(tmp_path / "bomb.tar.gz", {"filler.txt": bytes(2_000_000), "a.pth": b"x"})
    assert "unpack it yourself first" in outcomes(tmp_path / "bomb.tar.gz")[1][0]


def test_a_member_that_lies_about_its_size(tmp_path: Path, files: Path, own_models_folder: Path) -> None:
    content = (files / "4x.pth").read_bytes()
    data = zip_of(tmp_path / "packed.zip", {"4x.pth": content}).read_bytes()
    told = struct.pack("<I", len(content))
    (tmp_path / "packed.zip").write_bytes(data.replace(told, struct.pack("<I", len(content) + 5000)))
    taken, refused = outcomes(tmp_path / "packed.zip")
    assert not taken
    assert "is damaged" in refused[0]
    assert left_in(own_models_folder) == set()


@pytest.mark.parametrize("form", ["zip", "gztar", "tar"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_damaged_archives_are_a_sentence(
    files: Path, tmp_path: Path, own_models_folder: Path, form: str, share: float
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), form, files))
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * share)])
    taken, refused = outcomes(archive)
    assert refused
    assert all(why.endswith(".") for why in refused)
    for outcome in taken:
        torch.load(outcome.place, weights_only=True)
    assert not [name for name in left_in(own_models_folder) if name.startswith(".")]


def test_an_archive_without_models(tmp_path: Path) -> None:
    assert "There is no weights file in" in outcomes(zip_of(tmp_path / "photos.zip", {"a.jpg": b"x"}))[1][0]


def test_unpacking_can_be_cancelled(files: Path, tmp_path: Path, own_models_folder: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", files))
    cancel = CancelToken()
    found = import_models([archive], ImportOptions(), cancel)
    next(found)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(found)
    assert not [name for name in left_in(own_models_folder) if name.startswith(".")]
