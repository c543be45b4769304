"""Downloads from servers of every temper: the file is right, or there is none."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Cancelled, ModelError
from core.models.download import MIRROR_VARIABLE, download_model
from core.models.download_progress import DownloadProgress
from core.models.records import read_records
from core.models.store import remove_model_file
from core.models.transfer import Patience
from core.progress import CancelToken
from tests.models.conftest import IMPATIENT, left_in, model, weights
from tests.models.web import Request, Web, page, path_of, stalls, status, whole

Serve = Callable[..., Web]
FILE = weights()


@pytest.fixture
def folder(own_models_folder: Path) -> Path:
    """Where models come."""
    return own_models_folder


def get(web: Web, known: bool = True, **options: object) -> Path:
    return download_model(model(web, known), patience=IMPATIENT, **options)  # type: ignore[arg-type]


# Nothing goes wrong.


def test_a_file_comes_whole_and_leaves_nothing_beside_it(serve: Serve, folder: Path) -> None:
    web = serve(FILE)
    assert get(web) == folder / "Test.safetensors"
    assert (folder / "Test.safetensors").read_bytes() == FILE
    assert left_in(folder) == {"Test.safetensors"}
    ((path, headers),) = web.requests
    assert path == "/releases/Test.safetensors"
    assert headers["User-Agent"].startswith("gfpgan-desktop/")
    assert get(web) == folder / "Test.safetensors"
    assert len(web.requests) == 1, "what is here is not downloaded again"


def test_progress_has_speed_and_time_to_go(serve: Serve, folder: Path) -> None:
    seen: list[DownloadProgress] = []

    def look(progress: DownloadProgress) -> None:
        seen.append(progress)
        assert not (folder / "Test.safetensors").exists()

    get(serve(FILE, whole(pause=0.06)), progress=look)
    assert [report.done for report in seen] == sorted(report.done for report in seen)
    assert seen[-1].done == seen[-1].total == len(FILE)
    moving = [report for report in seen[:-1] if report.speed]
    assert any(report.remaining for report in moving)
    assert all(report.remaining is not None and report.remaining < 60 for report in moving)


def test_a_server_that_does_not_say_how_long_the_file_is(serve: Serve, folder: Path) -> None:
    def endless(request: Request) -> None:
        request.begin(200, None)
        request.wfile.write(FILE)

    assert get(serve(FILE, endless)).read_bytes() == FILE


# Interrupted.


@pytest.mark.parametrize("seed", range(8))
def test_a_connection_that_breaks_anywhere_is_gone_on_with(serve: Serve, folder: Path, seed: int) -> None:
    cuts = sorted(random.Random(seed).sample(range(1, len(FILE)), 2))
    web = serve(FILE, *(whole(until=cut) for cut in cuts), whole())
    assert get(web).read_bytes() == FILE
    assert web.ranges == [None, *(f"bytes={cut}-" for cut in cuts)]
    assert left_in(folder) == {"Test.safetensors"}


def test_the_next_call_goes_on_where_one_gave_up(serve: Serve, folder: Path) -> None:
    web = serve(FILE, whole(until=100_000), status(503))
    with pytest.raises(ModelError, match=r"could not be downloaded.*error 503.*\(100,000 bytes\) stays"):
        get(web)
    assert not (folder / "Test.safetensors").exists()
    web.answers = [whole()]
    assert get(web).read_bytes() == FILE
    assert web.ranges[-1] == "bytes=100000-"


def test_a_stalled_connection_is_left_and_tried_again(serve: Serve) -> None:
    web = serve(FILE, stalls(after=150_000), whole())
    notes: list[str] = []
    assert get(web, progress=lambda report: notes.append(report.note)).read_bytes() == FILE
    assert any("nothing came for a while; trying again" in note for note in notes)


def test_a_server_that_ignores_ranges_sends_it_all_again(serve: Serve) -> None:
    web = serve(FILE, whole(ranges=False, until=300_000), whole(ranges=False))
    assert get(web).read_bytes() == FILE


def test_a_file_that_changed_meanwhile_is_begun_anew(serve: Serve) -> None:
    new = weights(seed=1)
    web = serve(FILE, whole(etag='"old"', until=200_000), whole(etag='"new"', content=new))
    assert get(web, known=False).read_bytes() == new
    assert web.requests[1][1]["If-Range"] == '"old"'


def test_without_a_version_and_a_checksum_no_beginning_is_trusted(serve: Serve) -> None:
    web = serve(FILE, whole(etag=None, until=200_000), whole(etag=None))
    assert get(web, known=False).read_bytes() == FILE
    assert web.ranges == [None, None]


def test_a_weak_version_is_none(serve: Serve) -> None:
    web = serve(FILE, whole(etag='W/"1"', until=200_000), whole(etag='W/"1"'))
    assert get(web, known=False).read_bytes() == FILE
    assert web.ranges == [None, None]


def test_pieces_of_different_files_are_noticed(serve: Serve, folder: Path) -> None:
    folder.mkdir()
    (folder / "Test.safetensors.part").write_bytes(weights(seed=2)[:200_000])
    web = serve(FILE)
    assert get(web).read_bytes() == FILE
    assert web.ranges == ["bytes=200000-", None]


def test_a_part_that_is_too_long_is_thrown_away(serve: Serve, folder: Path) -> None:
    folder.mkdir()
    (folder / "Test.safetensors.part").write_bytes(bytes(len(FILE) + 10))
    assert get(serve(FILE)).read_bytes() == FILE


def test_cancelling_is_heeded_at_once_and_nothing_is_lost(serve: Serve, folder: Path) -> None:
    web, cancel = serve(FILE, stalls(after=131_072), whole()), CancelToken()

    def stop(report: DownloadProgress) -> None:
        if report.done:
            cancel.cancel()

    threading.Timer(0.2, cancel.cancel).start()
    with pytest.raises(Cancelled):
        download_model(model(web), stop, cancel, patience=Patience(stall=30))
    assert get(web).read_bytes() == FILE
    assert web.ranges[-1] == "bytes=131072-"


# Lies.


def test_a_file_shorter_than_it_claims(serve: Serve, folder: Path) -> None:
    with pytest.raises(ModelError, match="the connection ended after"):
        get(serve(FILE, whole(told=len(FILE) + 1000)), known=False)
    assert not (folder / "Test.safetensors").exists()


@pytest.mark.parametrize("more", [-1000, 1000])
def test_a_length_that_is_not_the_published_one(serve: Serve, folder: Path, more: int) -> None:
    with pytest.raises(ModelError, match="it is another file and was not taken"):
        get(serve(FILE, whole(told=len(FILE) + more)))
    assert left_in(folder) == set()


def test_wrong_bytes_are_not_taken(serve: Serve, folder: Path) -> None:
    web = serve(FILE, whole(content=weights(seed=3)))
    with pytest.raises(ModelError, match=r"is another file \(its SHA-256 is .*it was not taken"):
        get(web)
    assert left_in(folder) == set()
    assert len(web.requests) == 1


def test_another_part_than_was_asked_for(serve: Serve) -> None:
    def other_part(request: Request) -> None:
        request.begin(206, 10, Content_Range=f"bytes 5-14/{len(FILE)}")
        request.wfile.write(FILE[5:15])

    with pytest.raises(ModelError, match=r"another part of Test.safetensors than it was asked for"):
        get(serve(FILE, whole(until=100_000), other_part))


def test_a_packed_answer(serve: Serve) -> None:
    def packed(request: Request) -> None:
        request.begin(200, len(FILE), Content_Encoding="gzip")

    with pytest.raises(ModelError, match=r"The server packs Test.safetensors"):
        get(serve(FILE, packed))


def test_a_login_page(serve: Serve, folder: Path) -> None:
    with pytest.raises(ModelError, match=r"answers with a web page.*log in first"):
        get(serve(FILE, page))
    assert left_in(folder) == set()


@pytest.mark.parametrize("content", [b"", b"no weights at all" * 100, FILE[:-1], b"PK\x03\x04" + bytes(5000)])
def test_what_is_no_weights_file_is_not_taken_where_the_checksum_is_unknown(
    serve: Serve, folder: Path, content: bytes
) -> None:
    with pytest.raises(ModelError, match="is damaged or no weights file; it was not taken"):
        get(serve(FILE, whole(content=content)), known=False)
    assert left_in(folder) == set()


# Refusals.


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (401, "refuses to give"),
        (403, "refuses to give"),
        (404, "is not there"),
        (410, "is not there"),
        (407, "proxy wants a name and a password"),
    ],
)
def test_what_trying_again_does_not_help_is_said_at_once(serve: Serve, code: int, sentence: str) -> None:
    web = serve(FILE, status(code))
    with pytest.raises(ModelError, match=sentence):
        get(web)
    assert len(web.requests) == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(serve: Serve, code: int) -> None:
    web = serve(FILE, status(code), status(code, Retry_After="0"), whole())
    assert get(web).read_bytes() == FILE
    assert len(web.requests) == 3


def test_a_server_that_stays_busy_is_given_up(serve: Serve) -> None:
    web = serve(FILE, status(429))
    with pytest.raises(ModelError, match=r"error 429\)\. Check the connection and try again"):
        get(web)
    assert len(web.requests) == IMPATIENT.failures


def test_a_long_pause_is_left_to_the_user(serve: Serve) -> None:
    web = serve(FILE, status(429, Retry_After="3600"))
    with pytest.raises(ModelError, match="wants to be left alone for 60 minutes"):
        get(web)
    assert len(web.requests) == 1


def test_bytes_that_come_make_up_for_failures(serve: Serve) -> None:
    pieces = [whole(until=cut) for cut in range(70_000, len(FILE), 70_000)]
    web = serve(FILE, *[each for piece in pieces for each in (piece, status(500))], whole())
    assert get(web).read_bytes() == FILE
    assert len(web.requests) > 2 * IMPATIENT.failures


def test_pauses_grow_and_end(serve: Serve) -> None:
    patience = Patience(pause=1, longest=60)
    pauses = [patience.before_next(failures) for failures in range(1, 12)]
    assert all(2.0 ** min(n, 6) * 0.9 <= pause <= 90 for n, pause in enumerate(pauses))
    assert max(pauses) >= 60


def test_nobody_at_the_address() -> None:
    web = Web(FILE)
    with web.running():
        pass
    with pytest.raises(ModelError, match="the connection failed"):
        get(web)


def test_what_is_no_address() -> None:
    web = Web(FILE)
    with web.running(), pytest.raises(ModelError, match="must begin with https"):
        download_model(model(web, url="ftp://example.org/Test.safetensors"))


# Redirects, mirrors, proxies.


def test_redirects_are_followed(serve: Serve) -> None:
    store = serve(FILE)
    web = serve(FILE, status(302, Location=f"{store.url}/elsewhere"))
    assert get(web).read_bytes() == FILE
    assert [path for path, _ in store.requests] == ["/elsewhere"]


def test_redirects_in_a_circle_end(serve: Serve) -> None:
    web = serve(FILE)
    web.answers = [status(302, Location=f"{web.url}/again")]
    with pytest.raises(ModelError, match="refuses to give"):
        get(web)
    assert len(web.requests) < 15


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_mirror_is_asked_instead(serve: Serve, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    web, mirror = serve(FILE), serve(FILE)
    if by == "environment":
        monkeypatch.setenv(MIRROR_VARIABLE, f"{mirror.url}/models/")
    options = {"mirror": f"{mirror.url}/models"} if by == "argument" else {}
    assert get(web, **options).read_bytes() == FILE
    assert not web.requests
    assert [path for path, _ in mirror.requests] == ["/models/Test.safetensors"]


def test_proxies_are_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(FILE)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    web = Web(FILE)  # which nobody starts
    info = model(web, url="http://models.example/releases/Test.safetensors")
    assert download_model(info, patience=IMPATIENT).read_bytes() == FILE
    ((asked, headers),) = proxy.requests
    assert asked == "http://models.example/releases/Test.safetensors"
    assert headers["Host"] == "models.example"
    web._server.server_close()


def test_a_proxy_that_lets_nobody_through(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: Request) -> None:
        request.begin(403, 0)

    proxy = serve(FILE)
    monkeypatch.setattr(Request, "do_CONNECT", refuse, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    info = model(proxy, url="https://models.example/Test.safetensors")
    with pytest.raises(ModelError, match="The proxy does not let us through"):
        download_model(info, patience=IMPATIENT)


# Checksums that nobody published.


def test_an_unknown_checksum_is_remembered_and_then_required(serve: Serve, folder: Path) -> None:
    web = serve(FILE)
    place = get(web, known=False)
    record = read_records()["Test.safetensors"]
    assert record.size == len(FILE)
    assert path_of(record.origin) == "/releases/Test.safetensors"
    place.unlink()
    web.answers = [whole(content=weights(seed=4))]
    with pytest.raises(ModelError, match=r"is not the file that came on .* --forget"):
        get(web, known=False)
    assert left_in(folder) == {"records.json"}
    web.answers = [whole()]
    assert get(web, known=False).read_bytes() == FILE


def test_a_remembered_checksum_can_be_forgotten(serve: Serve) -> None:
    from core.models.catalogue import catalogue

    (info,) = [info for info in catalogue() if info.name == "gfpgan-v1"]
    assert info.sha256 is None
    old, new = serve(FILE), serve(weights(seed=5))
    download_model(info, mirror=old.url, patience=IMPATIENT)
    remove_model_file("gfpgan-v1")
    with pytest.raises(ModelError, match="is not the file that came on"):
        download_model(info, mirror=new.url, patience=IMPATIENT)
    remove_model_file("gfpgan-v1", forget_it=True)
    assert download_model(info, mirror=new.url, patience=IMPATIENT).read_bytes() == new.content
