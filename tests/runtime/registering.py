"""Phones that register at a server of ours: who they are, and a REGISTER written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import trio

from trio_runtime import Account, RegistrarConfig
from trio_runtime.testing import Wire

SERVER, DOMAIN = "10.0.0.9", "pbx.test"
ALICE, BOB = "sip:alice@pbx.test", "sip:bob@pbx.test"
USERS = {"alice": "wonderland", "bob": "builder"}
LISTEN = ("udp", "tcp")


def served(**how: Any) -> RegistrarConfig:
    return RegistrarConfig(**{"domains": (DOMAIN, SERVER), "users": USERS, **how})


def account(user: str, **how: Any) -> Account:
    values = {"password": USERS.get(user), "outbound_proxy": f"sip:{SERVER}", **how}
    return Account(f"sip:{user}@{DOMAIN}", **values)


async def put(wire: Wire, host: str, q: str) -> None:
    """Register a contact with a preference, as a phone with that setting does."""
    message = register(BOB, f"<sip:bob@{host}:5060>;q={q}", call_id=host, cseq=1, host=host)
    sock = await wire.environment(host).network.open_datagram(host, 5_999, receive_buffer=4_096)
    sock.send(message, (SERVER, 5060))
    await trio.sleep(1)
    sock.close()


def register(
    aor: str,
    contact: str,
    *,
    call_id: str,
    cseq: int,
    host: str,
    extra: Iterable[str] = (),
    transport: str = "UDP",
) -> bytes:
    lines = [
        f"REGISTER sip:{DOMAIN} SIP/2.0",
        f"Via: SIP/2.0/{transport} {host}:5999;branch=z9hG4bK{call_id}{cseq};rport",
        f"From: <{aor}>;tag=t{cseq}",
        f"To: <{aor}>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} REGISTER",
        "Max-Forwards: 70",
        *([f"Contact: {contact}"] if contact else []),
        *extra,
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
