"""One HTTP request whose answer can be awaited with a cancel button at hand.

The standard library's client does the work: it knows the proxies of the environment (HTTP_PROXY, HTTPS_PROXY,
NO_PROXY) and of Windows and macOS. Certificates are checked against the system's own store (truststore), as
company networks need it.
"""

from __future__ import annotations

import http.client
import queue
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import IO, Any
from urllib.parse import urlsplit

import truststore

from core.errors import ModelError
from core.files import reason
from core.progress import CancelToken

_CHUNK = 256 << 10
_CHUNKS_AHEAD = 4
_POLL = 0.1
"""Seconds between two looks at the cancel token."""


class Interrupted(Exception):
    """Something that may be better in a while; the message is part of a sentence. `wait` is how many seconds the
    server asks for, if it does."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Answer:
    """What a server answers: `status`, `headers`, and the body, once, in `chunks`."""

    def __init__(self, status: int, headers: Message, chunks: Iterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.chunks = chunks

    def number(self, name: str) -> int | None:
        """A header that holds a whole number, None where it does not."""
        text = self.headers.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() else None

    @property
    def retry_after(self) -> float | None:
        """The seconds that the server asks to be left alone, None where it does not."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdecimal():
            return float(text)
        with suppress(ValueError, TypeError):
            return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
        return None


@contextmanager
def get(url: str, headers: Mapping[str, str], stall: float, cancel: CancelToken) -> Iterator[Answer]:
    """GET `url`. Redirects are followed, but never from https to anything else.

    A thread of its own talks to the server, so that cancelling does not wait for it; when nobody listens any more
    it ends after `stall` seconds at most. Raises Interrupted when nothing comes for `stall` seconds or the
    connection breaks (also while `chunks` is read), Cancelled, and ModelError where trying again is of no use.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise ModelError(f"'{url}' is no web address; it must begin with https:// or http://.")
    talk = _Talk(urllib.request.Request(url, headers=dict(headers)), stall, cancel)
    try:
        status, answered = talk.next()
        yield Answer(status, answered, iter(talk.next, b""))
    finally:
        talk.abandoned.set()


class _Talk:
    """A request in a thread of its own. It hands over (status, headers), then chunks, then b"", or an error."""

    def __init__(self, request: urllib.request.Request, stall: float, cancel: CancelToken) -> None:
        self.abandoned = threading.Event()
        self._request, self._stall, self._cancel = request, stall, cancel
        self._received: queue.Queue[Any] = queue.Queue(_CHUNKS_AHEAD)
        threading.Thread(target=self._run, name="download", daemon=True).start()

    def next(self) -> Any:
        """What comes next. Raises as `get` does."""
        deadline = time.monotonic() + self._stall + 1
        while True:
            self._cancel.raise_if_cancelled()
            with suppress(queue.Empty):
                received = self._received.get(timeout=_POLL)
                break
            if time.monotonic() > deadline:
                # The system's look-up of a name has no time limit of its own.
                raise Interrupted(_STALLED)
        if isinstance(received, Exception):
            raise _told(received, self._request.full_url) from received
        return received

    def _run(self) -> None:
        try:
            with _open(self._request, self._stall) as response:
                self._hand_over((response.status, response.headers))
                while not self.abandoned.is_set() and (chunk := response.read1(_CHUNK)):
                    self._hand_over(chunk)
            self._hand_over(b"")
        except Exception as error:
            # Whatever it is, the thread that waits has to hear of it.
            self._hand_over(error)

    def _hand_over(self, received: Any) -> None:
        while not self.abandoned.is_set():
            with suppress(queue.Full):
                self._received.put(received, timeout=_POLL)
                return


def _open(request: urllib.request.Request, stall: float) -> Any:
    secure = urllib.request.HTTPSHandler(context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    try:
        return urllib.request.build_opener(_Redirects, secure).open(request, timeout=stall)
    except urllib.error.HTTPError as error:
        # An answer too, of which the caller knows what to make.
        return error


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise ModelError(
                f"{_host(req.full_url)} leads to an unprotected address ({newurl}), which is not followed; "
                "get the file in another way and import it."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_STALLED = "nothing came for a while"


def _told(error: Exception, url: str) -> Exception:
    """What to raise for an error of the client's: Interrupted, or ModelError where trying again is of no use."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ModelError):
        return cause
    if isinstance(cause, ssl.SSLCertVerificationError):
        return ModelError(
            f"{_host(url)} cannot prove who it is ({cause.verify_message}); check this machine's date, and "
            "whether your network needs a certificate of its own in the system's store."
        )
    if isinstance(cause, TimeoutError):
        return Interrupted(_STALLED)
    if isinstance(cause, OSError):
        # So do proxies say that they let nobody through.
        if "Tunnel connection failed: 4" in str(cause):
            return ModelError(
                f"The proxy does not let us through ({cause}); check HTTPS_PROXY, as in http://name:password@host:port."
            )
        return Interrupted(f"the connection failed ({reason(cause)})")
    if isinstance(cause, http.client.InvalidURL | UnicodeError):
        return ModelError(f"'{url}' is no web address ({cause}); correct it.")
    return Interrupted(f"the connection failed ({cause or type(cause).__name__})")


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
