"""The message vectors of the RFCs, loaded once."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data" / "sip"

Vector = dict[str, Any]


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def octets(vector: Vector) -> bytes:
    if "file" in vector:
        return (DATA / str(vector["file"])).read_bytes()
    return base64.b64decode(vector["bytes_b64"])


TORTURE: list[Vector] = load("rfc4475.json")["messages"] + load("rfc5118.json")["messages"]
EXAMPLES: list[Vector] = load("rfc-messages.json")["messages"] + load("rfc3665.json")["messages"]

INVITE = (
    b"INVITE sip:bob@example.net;transport=udp SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 198.51.100.23:5060;branch=z9hG4bK74bf9;rport\r\n"
    b"Max-Forwards: 70\r\n"
    b'From: "Alice Example" <sip:alice@example.com>;tag=9fxced76sl\r\n'
    b'To: "Bob" <sip:bob@example.net>\r\n'
    b"Call-ID: 3848276298220188511@client.example.com\r\n"
    b"CSeq: 1 INVITE\r\n"
    b'Contact: <sip:alice@198.51.100.23:5060;transport=udp>;+sip.instance="<urn:uuid:f81d>"\r\n'
    b"Record-Route: <sip:p2.example.net;lr>, <sip:p1.example.com;lr>\r\n"
    b"Allow: INVITE, ACK, CANCEL, BYE\r\n"
    b"Supported: Replaces, timer\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 5\r\n\r\nv=0\r\n"
)
