"""A language model's server that says what the test wrote down: OpenAI's protocol over real HTTP on loopback.

    with ScriptedServer([Script(status=429, headers={"Retry-After": "1"}), Script("568.3亿元")]) as server:
        ChatOpenAI(base_url=server.url, api_key="x", model="m").invoke("多少？")
    assert len(server.requests) == 2

Each request for a chat completion takes the next script, the last one again and again. A function in a script's place
is given the request's body and makes the script from it. Every reply closes its connection, so no socket stays open.
"""

import json
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from threading import Event, Lock, Thread
from typing import Any

CODES = {400: "context_length_exceeded", 401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000}
MODEL = {"object": "model", "created": 1_700_000_000, "owned_by": "test"}
GLANCE = 0.02  # seconds between two looks at whether the server is to stop, and two pings without a delay
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Script:
    """One reply to a chat completion. All times are in seconds."""

    text: str = "好的。"
    size: int = 4  # characters of a delta
    first_delay: float = 0.0  # before the status line
    delay: float = 0.0  # before every delta
    status: int = 200  # others come with OpenAI's error body
    headers: dict[str, str] = field(default_factory=dict)
    code: str = ""  # of the error; by default the usual one of the status
    finish: str = "stop"  # "length", "content_filter", or "" for a stream that never says why it ended
    broken: str = ""  # "cut" (connection dropped halfway), "garbage" (no JSON halfway), "no_done" (no last line)
    endless: bool = False  # the text again and again
    empty: bool = False  # a stream with nothing in it, a completion with no choices; text="" is an empty message
    pings: bool = False  # comment lines for ever, never a token
    refusal: str = ""  # told in place of the text, where OpenAI tells it


Answer = Callable[[Json], Script]


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived. Header names are in lower case; `closed` is set when the client left before the reply was whole."""

    path: str
    headers: dict[str, str]
    body: Json
    closed: Event


class ScriptedServer:
    """The server: `url`, and the `requests` in the order they came in.

    Leaving it ends every reply still going on, and raises what a function among the scripts raised.
    """

    def __init__(self, scripts: Sequence[Script | Answer], models: Sequence[str] = ("scripted",)):
        self.scripts, self.models = list(scripts), list(models)
        self.requests: list[Request] = []
        self.stopping = Event()
        self.failures: list[Exception] = []
        self._taken, self._lock = 0, Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"scripted": self}))
        self._http.daemon_threads = False  # so that leaving waits for them
        self._thread = Thread(target=self._http.serve_forever, args=(GLANCE,))
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if self.failures:
            raise self.failures[0]

    def take(self, body: Json) -> Script:
        """The next script, for the request of this body."""
        with self._lock:
            script = self.scripts[min(self._taken, len(self.scripts) - 1)]
            self._taken += 1
        try:
            return script if isinstance(script, Script) else script(body)
        except Exception as failure:
            self.failures.append(failure)
            raise


class Gone(Exception):
    """Nobody reads on: the client has closed the connection, or the server stops."""


class Handler(BaseHTTPRequestHandler):
    """One connection, which is one request."""

    scripted: ScriptedServer
    protocol_version = "HTTP/1.1"  # its chunks tell an end from a cut
    disable_nagle_algorithm = True
    timeout = 5  # seconds for a request to arrive whole

    def do_GET(self) -> None:
        """The models there are."""
        self._note({})
        if self.path != "/v1/models":
            return self._whole(404, error(404, "not_found"))
        listed = [MODEL | {"id": name} for name in self.scripted.models]
        return self._whole(200, {"object": "list", "data": listed})

    def do_POST(self) -> None:
        """A chat completion by the next script."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = self._note(body)
        if self.path != "/v1/chat/completions":
            return self._whole(404, error(404, "not_found"))
        try:
            script = self.scripted.take(body)
        except Exception:  # noqa: BLE001 - raised again when the server is left
            return self._whole(500, error(500, "script_failed"), {"x-should-retry": "false"})
        try:
            return self._reply(script, body)
        except (Gone, ConnectionError):
            if not self.scripted.stopping.is_set():
                request.closed.set()

    def _note(self, body: Json) -> Request:
        self.close_connection = True
        request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body, Event())
        self.scripted.requests.append(request)
        return request

    def _reply(self, script: Script, body: Json) -> None:
        self._wait(script.first_delay)
        if script.status != 200:
            self._whole(script.status, error(script.status, script.code), script.headers)
        elif body.get("stream"):
            self._stream(script, body)
        else:
            self._completion(script, body)

    def _completion(self, script: Script, body: Json) -> None:
        while script.endless or script.pings:
            self._wait(1)
        for _ in deltas(script):
            self._wait(script.delay)
        message: Json = {"role": "assistant", "content": script.text}
        if script.refusal:
            message |= {"content": None, "refusal": script.refusal}
        choices = [] if script.empty else [{"index": 0, "message": message, "finish_reason": script.finish or None}]
        whole = HEAD | {"object": "chat.completion", "model": body["model"], "choices": choices}
        self._whole(200, whole | {"usage": usage(script, body)}, script.headers, script.broken)

    def _whole(self, status: int, body: Json, headers: dict[str, str] | None = None, broken: str = "") -> None:
        """Sends a reply that is one piece of JSON."""
        data = b"{ no json" if broken == "garbage" else json.dumps(body, ensure_ascii=False).encode()
        self._head(status, {"Content-Type": "application/json", "Content-Length": str(len(data))} | (headers or {}))
        self.wfile.write(data[: len(data) // 2] if broken == "cut" else data)

    def _stream(self, script: Script, body: Json) -> None:
        kind = {"Content-Type": "text/event-stream; charset=utf-8", "Transfer-Encoding": "chunked"}
        self._head(200, kind | script.headers)
        while script.pings:
            self._send(b": ping\n\n")
            self._wait(script.delay or GLANCE)
        if not script.empty:
            self._send(chunk(body, {"role": "assistant", "content": ""}))
            for piece in deltas(script):
                self._wait(script.delay)
                if piece is None and script.broken == "cut":
                    return  # the connection closes within the chunks
                said = {"refusal" if script.refusal else "content": piece}
                self._send(b"data: { no json\n\n" if piece is None else chunk(body, said))
            if script.finish:
                self._send(chunk(body, {}, finish=script.finish))
            if (body.get("stream_options") or {}).get("include_usage"):
                self._send(chunk(body, usage=usage(script, body)))
        self.wfile.write((b"" if script.broken == "no_done" else framed(b"data: [DONE]\n\n")) + framed(b""))

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"Connection": "close"}).items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, data: bytes) -> None:
        """Sends a part of a stream as soon as the client has room for it."""
        self._wait(0)
        while not select.select([], [self.connection], [], GLANCE)[1]:
            self._wait(0)
        self.wfile.write(framed(data))

    def _wait(self, seconds: float) -> None:
        """Waits, and raises `Gone` as soon as nobody reads on; what a client sends in the meantime is left alone."""
        until = time.monotonic() + seconds
        while True:
            left = max(0.0, until - time.monotonic())
            readable, _, _ = select.select([self.connection], [], [], min(left, GLANCE))
            if self.scripted.stopping.is_set() or (readable and not self.connection.recv(1, socket.MSG_PEEK)):
                raise Gone
            if left == 0:
                return

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def error(status: int, code: str = "") -> Json:
    """OpenAI's body of an error."""
    code = code or CODES.get(status, "server_error")
    return {"error": {"message": f"scripted: {code}", "type": "invalid_request_error", "param": None, "code": code}}


def usage(script: Script, body: Json) -> dict[str, int]:
    """Characters in the place of tokens."""
    asked = sum(len(str(message.get("content") or "")) for message in body["messages"])
    said = len(script.refusal or script.text)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def deltas(script: Script) -> Iterator[str | None]:
    """What the model says, a few characters at a time, None where it breaks; for ever where the script is endless."""
    said = script.refusal or script.text
    pieces: list[str | None] = [said[start : start + script.size] for start in range(0, len(said), script.size)]
    if script.broken in ("cut", "garbage"):
        pieces.insert(len(pieces) // 2, None)
    yield from cycle(pieces) if script.endless else pieces


def chunk(body: Json, delta: Json | None = None, finish: str | None = None, usage: Json | None = None) -> bytes:
    """One event of a stream: of a delta, or without choices of the usage."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    event = HEAD | {"object": "chat.completion.chunk", "model": body["model"], "choices": choices, "usage": usage}
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def framed(data: bytes) -> bytes:
    """A chunk of HTTP/1.1's chunked body; of no data, its end."""
    return b"%x\r\n%b\r\n" % (len(data), data)
