"""A web server on this machine that answers as it is told, and a proxy."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.conftest import PATIENCE

Answer = Callable[["Request"], None]
"""Answers a request."""


class Request(BaseHTTPRequestHandler):
    """A request, with what answers need."""

    protocol_version = "HTTP/1.1"
    server: _HttpServer

    def do_GET(self) -> None:
        """Have the next answer given; the last one is given again and again."""
        web = self.server.web
        web.requests.append((self.path, dict(self.headers)))
        answer = web.answers.pop(0) if len(web.answers) > 1 else web.answers[0]
        self.close_connection = True
        answer(self)

    def log_message(self, *_: object) -> None:
        """Nothing."""

    @property
    def web(self) -> Web:
        """The server that was asked."""
        return self.server.web

    def begin(self, status: int, length: int | None, **headers: str) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    web: Web

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what is tested."""


class Web:
    """A server of one file. `requests` are the paths and headers of what was asked so far."""

    def __init__(self, content: bytes, *answers: Answer) -> None:
        self.content = content
        self.answers: list[Answer] = list(answers) or [whole()]
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self._server = _HttpServer(("127.0.0.1", 0), Request)
        self._server.web = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def ranges(self) -> list[str | None]:
        """The Range header of each request."""
        return [headers.get("Range") for _, headers in self.requests]

    @contextmanager
    def running(self) -> Iterator[Web]:
        """The server while it answers."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def whole(
    etag: str | None = '"1"',
    ranges: bool = True,
    until: int | None = None,
    content: bytes | None = None,
    told: int | None = None,
    pause: float = 0.0,
    then: Callable[[Request], None] = lambda _: None,
) -> Answer:
    """The file, or the part asked for where `ranges`, up to the byte `until`; then the connection ends.

    `content` is sent instead of the server's; `told` is the length that the head claims for all of it; `pause` are
    seconds after each 64 kB; `then` is called before the connection ends early.
    """

    def answer(request: Request) -> None:
        body = request.web.content if content is None else content
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", "")) if ranges else None
        if request.headers.get("If-Range", etag) != etag:
            asked = None
        start = int(asked[1]) if asked else 0
        headers = {"ETag": etag} if etag else {}
        if asked and start >= len(body):
            request.begin(416, 0, Content_Range=f"bytes */{len(body)}")
            return
        if asked:
            headers["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        total = len(body) if told is None else told
        request.begin(206 if asked else 200, total - start, **headers)
        end = len(body) if until is None else until
        for at in range(start, end, 65536):
            request.wfile.write(body[at : min(at + 65536, end)])
            request.web.closing.wait(pause)
        if end < len(body):
            request.wfile.flush()
            then(request)

    return answer


def stalls(after: int) -> Answer:
    """The beginning of the file, then nothing more while the server runs."""
    return whole(until=after, then=lambda request: request.web.closing.wait(PATIENCE) and None)


def status(code: int, **headers: str) -> Answer:
    """An answer without a file."""
    return lambda request: request.begin(code, 0, **headers)


def page(request: Request) -> None:
    """A login page, as hotels have them."""
    text = b"<html>Please log in</html>"
    request.begin(200, len(text), Content_Type="text/html")
    request.wfile.write(text)


def path_of(url: str) -> str:
    """What of a URL is asked of its server."""
    return urlsplit(url).path
