"""Calling a SIP endpoint many times, with all audio at one port of ours."""

from __future__ import annotations

import re
import socket

__all__ = ["SipCalls"]

_REQUEST = (
    "{method} sip:{user}@127.0.0.1:{port} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{method}{user};rport\r\nMax-Forwards: 70\r\n"
    "From: <sip:bench@127.0.0.1>;tag={user}\r\nTo: {to}\r\nCall-ID: bench-{user}\r\n"
    "CSeq: {number} {method}\r\n"
    "Contact: <sip:bench@127.0.0.1:{own}>\r\n{more}Content-Length: {length}\r\n\r\n{body}"
)
_OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n"
)
_TO = re.compile(r"^To:\s*(.*?)\s*$", re.MULTILINE | re.IGNORECASE)
_PORT = re.compile(r"^m=audio (\d+)", re.MULTILINE)


class SipCalls:
    """Calls to one endpoint, over UDP on loopback."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self._port = port
        self._answered: dict[str, str] = {}

    def call(self, user: str, media_port: int) -> int:
        """Call a user, who has to answer by himself, and return the port of his audio."""
        self._send("INVITE", 1, user, f"<sip:{user}@127.0.0.1:{self._port}>", _OFFER.format(port=media_port))
        response = self._final_response(user)
        to, port = _TO.search(response), _PORT.search(response)
        if not response.startswith("SIP/2.0 200") or to is None or port is None:
            raise RuntimeError(f"the call was not taken: {response}")
        self._answered[user] = to[1]
        self._send("ACK", 1, user, to[1])
        return int(port[1])

    def close(self) -> None:
        """Hang up every call, without waiting for what it says to that."""
        for user, to in self._answered.items():
            self._send("BYE", 2, user, to)
        self._socket.close()

    def _send(self, method: str, number: int, user: str, to: str, body: str = "") -> None:
        values = {
            "method": method,
            "user": user,
            "port": self._port,
            "number": number,
            "to": to,
            "body": body,
        }
        values |= {"own": self._socket.getsockname()[1], "length": len(body)}
        values["more"] = "Content-Type: application/sdp\r\n" if body else ""
        self._socket.sendto(_REQUEST.format(**values).encode(), ("127.0.0.1", self._port))

    def _final_response(self, user: str) -> str:
        mark = f"Call-ID: bench-{user}\r\n"
        while True:
            text = self._socket.recv(65_535).decode("latin-1")
            if text.startswith("SIP/2.0") and not text.startswith("SIP/2.0 1") and mark in text:
                return text
