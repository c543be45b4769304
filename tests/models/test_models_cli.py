"""`gfpgan-desktop models` as a user meets it: a process with arguments, sentences and exit codes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from core.models import bundled_folder, catalogue
from core.networks.loading import read_state_dict, save_network
from tests.conftest import PATIENCE, SAMPLES, assert_ctrl_c_stops
from tests.models.conftest import left_in, weights
from tests.models.networks import malicious, published, restorer, upscaler
from tests.models.web import Web, whole

Serve = Callable[..., Web]
FILE = weights()
UNPUBLISHED = "gfpgan-v1-mouth"
"""A model of the catalogue whose checksum nobody published, and which needs no consent."""


def models(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `gfpgan-desktop models ...` in a process of its own, without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "models", *map(str, arguments)],
        cwd=SAMPLES.parent.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stderr
    return done


def records(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_list_has_every_model_and_says_which_are_here(own_models_folder: Path) -> None:
    done = models("list")
    assert done.returncode == 0
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["NAME", "HERE", "MB", "WHAT", "FOR", "LICENCE"]
    assert [line.split()[0] for line in lines] == [info.name for info in catalogue()]
    here = {line.split()[0] for line in lines if line.split()[1] == "yes"}
    assert here == {info.name for info in catalogue() if info.bundled}
    for info, line in zip(catalogue(), lines, strict=True):
        assert line.endswith("non-commercial") == info.non_commercial


def test_the_list_by_kind_and_as_json() -> None:
    rows = records(models("list", "--kind", "upscaler", "--json"))
    assert [row["name"] for row in rows] == [info.name for info in catalogue() if info.kind == "upscaler"]
    assert {"size", "sha256", "licence", "non_commercial", "url", "purpose", "memory_mb", "path"} <= set(rows[0])
    done = models("list", "--kind", "hats")
    assert done.returncode == 2
    assert "There is no kind of models called 'hats'" in done.stderr


@pytest.mark.slow
def test_get_verify_remove(serve: Serve, own_models_folder: Path) -> None:
    web = serve(FILE)
    got = models("get", UNPUBLISHED, "--mirror", web.url)
    assert got.returncode == 0
    assert f"{UNPUBLISHED}: done, {own_models_folder / 'GFPGANv1_net_d_mouth.pth'}" in got.stdout
    assert "Apache-2.0" in got.stderr
    assert "MB/s" in got.stderr
    assert "is here already" in models("get", UNPUBLISHED, "--mirror", web.url).stdout
    assert len(web.requests) == 1
    assert f"{UNPUBLISHED}: good (its checksum from when it came)" in models("verify").stdout
    place = Path(models("path", UNPUBLISHED).stdout.strip())
    data = bytearray(place.read_bytes())
    data[-1] ^= 1
    place.write_bytes(data)
    bad = models("verify", UNPUBLISHED)
    assert bad.returncode == 1
    assert f"{UNPUBLISHED}: BAD. 'GFPGANv1_net_d_mouth.pth' is damaged or was replaced" in bad.stdout
    assert "0.4 MB are free again" in models("remove", UNPUBLISHED).stdout
    assert left_in(own_models_folder) == {"records.json"}


def test_get_as_json_and_by_the_mirror_of_the_environment(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    web = serve(FILE, whole(pause=0.05))
    monkeypatch.setenv("GFPGAN_DESKTOP_MIRROR", web.url)
    done = models("get", UNPUBLISHED, "--json")
    *moving, last = records(done)
    assert {row["event"] for row in moving} == {"progress"}
    assert moving[-1]["done"] == moving[-1]["total"] == len(FILE)
    assert (last["event"], last["size"]) == ("done", len(FILE))


def test_terms_are_said_and_asked_for_before_a_download(serve: Serve) -> None:
    web = serve(FILE)
    done = models("get", "gfpgan-v1", "--mirror", web.url)
    assert done.returncode == 2
    assert "non-commercial" in done.stderr
    assert "Add --accept-licence if you accept these terms" in done.stderr
    assert not web.requests
    assert models("get", "gfpgan-v1", "--mirror", web.url, "--accept-licence").returncode == 0


def test_one_that_fails_stops_no_other(serve: Serve) -> None:
    web = serve(FILE)
    done = models("get", "parsenet", UNPUBLISHED, "--mirror", web.url)
    assert done.returncode == 1
    assert "FAILED" in done.stderr
    assert "it is another file and was not taken" in done.stderr
    assert f"{UNPUBLISHED}: done" in done.stdout
    unknown = models("get", "gfpgan-9")
    assert unknown.returncode == 2
    assert "There is no published model called 'gfpgan-9'; there are: gfpgan-v1.4" in unknown.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.slow
def test_ctrl_c_and_the_same_command_goes_on(serve: Serve, own_models_folder: Path) -> None:
    web = serve(FILE)
    web.answers = [whole(until=200_000, then=lambda _: web.closing.wait(30) and None), whole()]
    part = own_models_folder / "GFPGANv1_net_d_mouth.pth.part"
    arguments = ["models", "get", UNPUBLISHED, "--mirror", web.url]
    assert_ctrl_c_stops(arguments, lambda: part.exists() and part.stat().st_size >= 150_000)
    assert models(*arguments[1:]).returncode == 0
    assert web.ranges[1] is not None
    assert left_in(own_models_folder) == {"GFPGANv1_net_d_mouth.pth", "records.json"}


@pytest.mark.slow
def test_import_list_and_remove(tmp_path: Path, own_models_folder: Path) -> None:
    theirs = tmp_path / "their files"
    published(restorer(), theirs / "a" / "anna.pth")
    published(upscaler(), theirs / "b" / "4x.pth")
    malicious(theirs / "c" / "evil.pth", tmp_path / "trace")
    done = models("import", theirs)
    assert done.returncode == 0
    assert "GFP-GAN (clean), 64 px" in done.stdout
    assert "(by its architecture), linked: anna" in done.stdout
    assert "left out. 'evil.pth' holds Python code" in done.stderr
    assert not (tmp_path / "trace").exists()
    listed = models("list").stdout
    assert "anna.pth" in listed
    assert "4x.pth" in listed
    assert models("path", "anna").stdout.strip() == str(own_models_folder / "anna.pth")
    assert models("path").stdout.strip() == str(own_models_folder)
    assert "anna.pth: good (its checksum from when it came)" in models("verify", "anna").stdout
    removed = models("remove", "anna", "4x.pth")
    assert removed.returncode == 0
    assert "anna.pth: removed, it took no space of its own" in removed.stdout
    assert (theirs / "a" / "anna.pth").is_file()
    assert left_in(own_models_folder) == {"records.json"}


@pytest.mark.slow
def test_import_as_json_converted_and_named(tmp_path: Path, own_models_folder: Path) -> None:
    source = published(restorer("original"), tmp_path / "net_g_latest.pth")
    (record,) = records(models("import", source, "--name", "anna", "--convert", "--json"))
    assert (record["event"], record["name"], record["kind"], record["done"]) == (
        "imported",
        "anna",
        "restorer",
        "converted",
    )
    assert record["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert record["path"] == str(own_models_folder / "anna.safetensors")
    assert models("verify", "anna").returncode == 0


def test_import_of_what_cannot_be(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    done = models("import", malicious(tmp_path / "evil.pth", trace), tmp_path / "nothing")
    assert done.returncode == 2
    assert "FAILED 'evil.pth' holds Python code beside its weights and was not opened" in done.stderr
    assert "No model was imported" in done.stderr
    assert not trace.exists()


def test_an_imported_model_restores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state, metadata = read_state_dict(bundled_folder() / "bundled-detector.safetensors")
    save_network(state, tmp_path / "mine.safetensors", {**metadata, "note": "a file that nobody published"})
    assert run(["models", "import", str(tmp_path / "mine.safetensors")]) == 0
    photo = str(SAMPLES / "wallet-photo.jpg")
    assert run(["faces", photo, "--detector", "mine"]) == 0
    assert "1 face" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["remove", "verify"])
def test_what_is_not_here(verb: str) -> None:
    done = models(verb, "nonsense")
    assert done.returncode == 2
    assert "There is no model called 'nonsense'" in done.stderr


@pytest.mark.slow
def test_the_bundled_models_stay() -> None:
    done = models("remove", "bundled-detector")
    assert done.returncode == 2
    assert "'bundled-detector' comes with the program and stays" in done.stderr
    assert "bundled-detector: good (published checksum)" in models("verify", "bundled-detector").stdout


@pytest.mark.slow
def test_several_processes_import_the_same_file(tmp_path: Path, own_models_folder: Path) -> None:
    source = published(restorer(), tmp_path / "anna.pth")
    done: list[subprocess.CompletedProcess[str]] = []
    threads = [threading.Thread(target=lambda: done.append(models("import", source, "--copy"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.returncode for result in done] == [0, 0, 0]
    assert left_in(own_models_folder) == {"anna.pth", "records.json"}
    assert (own_models_folder / "anna.pth").read_bytes() == source.read_bytes()
