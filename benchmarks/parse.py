"""Reading and writing one message: ours beside the standard library's mail parser and sippy.

Run ``python -m benchmarks.parse``; with a Python that has sippy, its lines appear too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from benchmarks.measure import cpu_us, parse_as_mail, reference_loop
from benchmarks.traffic import INVITES, Caller
from sansio_sip.framing import receive_datagram
from sansio_sip.message import build_response, parse_message
from sansio_sip.sdp import parse_sdp

Works = dict[str, Callable[[], object]]

_OWN_FIELDS = (("Contact", "<sip:service@127.0.0.1:5060>"), ("Allow", "INVITE, ACK, CANCEL, BYE"))


def _ours(invite: bytes) -> Works:
    parsed = receive_datagram(invite)
    if parsed is None:
        raise SystemExit("the INVITE cannot be read")

    def typed() -> object:
        message = parse_message(invite)
        return message.via, message.from_, message.to, message.cseq, message.contacts

    def answer() -> bytes:
        return build_response(parsed, 200, to_tag="tag", extra=_OWN_FIELDS).to_bytes()  # type: ignore[arg-type]

    return {
        "lazy parse": lambda: parse_message(invite),
        "parse and check, as the agent does": lambda: receive_datagram(invite),
        "five core headers typed": typed,
        "session description": lambda: parse_sdp(parsed.body),
        "200 built and written": answer,
    }


def _sippy(invite: bytes) -> Works:
    try:
        request: Any = importlib.import_module("sippy.SipRequest").SipRequest
        importlib.import_module("sippy.SipConf").SipConf.my_uaname = "bench"
    except ImportError:
        print("sippy: left out, not installed")
        return {}
    text = invite.decode()

    def typed() -> object:
        message = request(text)
        return [message.getHFBody(name) for name in ("via", "from", "to", "cseq", "contact")]

    parsed = request(text)
    typed()
    return {
        "sippy: lazy parse": lambda: request(text),
        "sippy: five core headers typed": typed,
        "sippy: 200 built and written": lambda: str(parsed.genResponse(200, "OK")),
    }


def main() -> None:
    """Print the CPU µs of each work and its ratio to the mail parser's."""
    print(f"reference loop {cpu_us(reference_loop):.0f} µs")
    for kind in INVITES:
        invite = Caller(kind).invite(1)
        mail = cpu_us(lambda message=invite: parse_as_mail(message))  # type: ignore[misc]
        print(f"\n{kind} INVITE, {len(invite)} octets; email parses it in {mail:.1f} µs")
        for name, work in (_ours(invite) | _sippy(invite)).items():
            cost = cpu_us(work)
            print(f"  {name:36} {cost:6.1f} µs  {cost / mail:5.2f}x email")


if __name__ == "__main__":
    main()
