"""Backends that say what they received: one process, one port for each backend.

    python tests/real_traefik/echo_server.py COUNT

prints its ports as a JSON list on the first line, answers until standard input
ends, and speaks HTTP/1.1 and HTTP/2 without TLS. The answer's body holds the
request line and the header lines; `x-echo` names the port.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from functools import partial

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, StreamEnded

PREFACE = b"PRI * HTTP/2.0\r\n\r\n"

OWN_HEADERS = (("x-keep", "backend"), ("x-change", "backend"), ("x-drop", "backend"))
"""Headers of every answer, for response header modifiers to work on."""


class Echo(asyncio.Protocol):
    """One connection; which protocol it speaks shows in its first bytes."""

    def __init__(self, port: int) -> None:
        self._port = str(port)
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._http2: H2Connection | None = None
        lines = "".join(f"{name}: {value}\r\n" for name, value in OWN_HEADERS)
        self._head = f"HTTP/1.1 200 OK\r\nx-echo: {port}\r\n{lines}content-length: ".encode()
        self._waiting: dict[int, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._http2 is None and self._buffer.startswith(PREFACE):
            self._http2 = H2Connection(
                H2Configuration(client_side=False, header_encoding="latin-1")
            )
            self._http2.initiate_connection()
        if self._http2 is not None:
            data, self._buffer = self._buffer, b""
            self._receive_http2(self._http2, data)
        elif not PREFACE.startswith(self._buffer[: len(PREFACE)]):
            self._receive_http1()

    def _receive_http1(self) -> None:
        assert self._transport is not None
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            # No request of these tests has a body.
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            self._transport.write(b"%b%d\r\n\r\n%b" % (self._head, len(head), head))

    def _receive_http2(self, http2: H2Connection, data: bytes) -> None:
        assert self._transport is not None
        for event in http2.receive_data(data):
            if isinstance(event, RequestReceived):
                fields = [(str(name), str(value)) for name, value in event.headers]
                given = dict(fields)
                lines = [
                    f"{given[':method']} {given[':path']} HTTP/2",
                    f"host: {given[':authority']}",
                ]
                lines += [f"{name}: {value}" for name, value in fields if name[0] != ":"]
                self._waiting[event.stream_id] = "\r\n".join(lines).encode("latin-1")
            elif isinstance(event, StreamEnded):
                body = self._waiting.pop(event.stream_id)
                headers = [(":status", "200"), ("x-echo", self._port), *OWN_HEADERS]
                http2.send_headers(event.stream_id, headers)
                http2.send_data(event.stream_id, body, end_stream=True)
        self._transport.write(http2.data_to_send())


async def serve(count: int) -> None:
    """Answer on `count` free ports until standard input ends."""
    loop = asyncio.get_running_loop()
    servers = []
    for _ in range(count):
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        port = listening.getsockname()[1]
        servers.append(await loop.create_server(partial(Echo, port), sock=listening))
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(ports), flush=True)  # noqa: T201  # the one line that the parent reads
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
