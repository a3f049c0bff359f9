"""Requests as bytes on kept connections, many of them at once, and what came back."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TIMEOUT = 20  # seconds; an answer takes well under one
PIPELINED = 24  # requests on a connection before their answers are read
CONNECTIONS = 6  # to one port and server name


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to a port of the loopback.

    Attributes:
        host: the Host header, as sent.
        sni: None speaks plain HTTP; else the server name of the handshake, which may be empty.
    """

    port: int
    host: str
    target: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    sni: str | None = None

    def encoded(self) -> bytes:
        """Return the request as bytes."""
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.method in ("POST", "PUT", "PATCH"):
            lines.append("Content-Length: 0")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `failure` says why nothing did: `tls`, `closed` or `refused`."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    failure: str = ""

    def header(self, name: str) -> str | None:
        """Return the first line of a header, or None."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def backend(self) -> int | None:
        """The port of the backend that answered, or None where Traefik itself did."""
        port = self.header("x-echo")
        return int(port) if port else None


class _Connection:
    """One kept connection, with the answers that are still to be read."""

    def __init__(self, port: int, sni: str | None) -> None:
        self.answered = 0
        self._buffer = bytearray()
        plain = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = plain if sni is None else _wrapped(plain, sni)

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self) -> Answer | None:
        """Read one answer; None where the peer closed before it was whole."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if not self._fill():
                return None
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        fields = tuple((k.lower(), v.strip()) for k, _, v in (x.partition(":") for x in lines[1:]))
        body = self._body(dict(fields))
        return None if body is None else Answer(int(lines[0].split(" ")[1]), fields, body)

    def _body(self, fields: dict[str, str]) -> bytes | None:
        if fields.get("transfer-encoding") == "chunked":
            return self._chunks()
        return self._exactly(int(fields.get("content-length", 0)))

    def _chunks(self) -> bytes | None:
        whole = b""
        while True:
            while (end := self._buffer.find(b"\r\n")) < 0:
                if not self._fill():
                    return None
            size = int(self._buffer[:end], 16)
            del self._buffer[: end + 2]
            part = self._exactly(size + 2)
            if part is None or not size:
                return None if part is None else whole
            whole += part[:-2]

    def _exactly(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            if not self._fill():
                return None
        part = bytes(self._buffer[:size])
        del self._buffer[:size]
        return part

    def _fill(self) -> bool:
        try:
            data = self._socket.recv(1 << 16)
        except ConnectionError:
            return False
        self._buffer += data
        return bool(data)


def _wrapped(plain: socket.socket, sni: str) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    try:
        return context.wrap_socket(plain, server_hostname=sni or None)
    except OSError:
        plain.close()
        raise


class Client:
    """Sends many requests over few connections; answers come in the order of the requests."""

    def __enter__(self) -> Client:
        self._connections: dict[tuple[int, str | None, int], _Connection] = {}
        return self

    def __exit__(self, *_exception: object) -> None:
        for connection in self._connections.values():
            connection.close()

    def ask(self, asks: Sequence[Ask]) -> list[Answer]:
        """Return the answer to each request."""
        answers: list[Answer | None] = [None] * len(asks)
        lanes: dict[tuple[int, str | None, int], list[int]] = {}
        turns: dict[tuple[int, str | None], int] = {}
        for index, ask in enumerate(asks):
            turn = turns[ask.port, ask.sni] = turns.get((ask.port, ask.sni), -1) + 1
            lane = ask.port, ask.sni, turn // PIPELINED % CONNECTIONS
            lanes.setdefault(lane, []).append(index)
        while lanes:
            started = [
                (lane, self._send(lane, [asks[i] for i in todo[:PIPELINED]]))
                for lane, todo in lanes.items()
            ]
            for lane, failure in started:
                todo = lanes[lane]
                count = self._receive(lane, todo[:PIPELINED], answers, failure)
                del todo[:count]
                if not todo:
                    del lanes[lane]
        return [answer or Answer(failure="closed") for answer in answers]

    def _send(self, lane: tuple[int, str | None, int], asks: Iterable[Ask]) -> str:
        data = b"".join(ask.encoded() for ask in asks)
        if lane in self._connections:
            try:
                self._connections[lane].send(data)
            except OSError:
                self._connections.pop(lane).close()
            else:
                return ""
        try:
            self._connections[lane] = _Connection(lane[0], lane[1])
            self._connections[lane].send(data)
        except ssl.SSLError:
            return "tls"
        except ConnectionRefusedError:
            return "refused"
        except ConnectionError:
            return "tls" if lane[1] is not None else "closed"
        return ""

    def _receive(
        self,
        lane: tuple[int, str | None, int],
        todo: Sequence[int],
        answers: list[Answer | None],
        failure: str,
    ) -> int:
        """Fill in answers and return how many of the requests are done with."""
        if failure:
            answers[todo[0]] = Answer(failure=failure)
            return 1
        connection = self._connections[lane]
        for done, index in enumerate(todo):
            try:
                answer = connection.answer()
            except ssl.SSLError:
                answer = Answer(failure="tls")
            if answer is not None:
                answers[index] = answer
                connection.answered += 1
            if answer is None or answer.failure or answer.header("connection") == "close":
                # The peer closes after an answer, as to a malformed request: the rest is sent again.
                self._connections.pop(lane).close()
                if answer is None and done == 0 and not connection.answered:
                    answers[index] = Answer(failure="closed")
                    return 1
                return done if answer is None else done + 1
        return len(todo)
