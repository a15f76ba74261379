"""Reading and writing one message: ours beside the standard library's mail parser and sippy.

Run ``python -m benchmarks.parse``; with a Python that has sippy, its lines appear too.
"""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Callable
from typing import Any

from benchmarks.measure import cpu_us, parse_as_mail, reference_loop
from benchmarks.traffic import INVITES, Caller
from sansio_sip.framing import receive_datagram
from sansio_sip.message import build_request, build_response, parse_message
from sansio_sip.sdp import parse_sdp

__all__ = ["measure_parsing"]

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

    def ask() -> bytes:
        return build_request(
            "INVITE",
            "sip:service@127.0.0.1:5060",
            via="SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-1;rport",
            from_="<sip:bench@127.0.0.1>;tag=from",
            to="<sip:service@127.0.0.1>",
            call_id="1@127.0.0.1",
            cseq=1,
            extra=_OWN_FIELDS,
            content_type="application/sdp",
            body=parsed.body,
        ).to_bytes()

    return {
        "lazy parse": lambda: parse_message(invite),
        "parse and check, as the agent does": lambda: receive_datagram(invite),
        "five core headers typed": typed,
        "session description": lambda: parse_sdp(parsed.body),
        "200 built and written": answer,
        "INVITE built and written": ask,
    }


def _sippy(invite: bytes) -> Works:
    try:
        request: Any = importlib.import_module("sippy.SipRequest").SipRequest
        importlib.import_module("sippy.SipConf").SipConf.my_uaname = "bench"
    except ImportError:
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


def measure_parsing(kind: str) -> dict[str, float]:
    """Return the CPU µs of each work on one INVITE; sippy's only where it is installed."""
    invite = Caller(kind).invite(1)
    works: Works = {"email": lambda: parse_as_mail(invite)}
    works |= _ours(invite)
    works |= _sippy(invite)
    return {name: cpu_us(work) for name, work in works.items()}


def main() -> None:
    """Print the CPU µs of each work and its ratio to the mail parser's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print figures for another program")
    if parser.parse_args().json:
        print(json.dumps({kind: measure_parsing(kind) for kind in INVITES}))
        return
    print(f"reference loop {cpu_us(reference_loop):.0f} µs")
    for kind in INVITES:
        costs = measure_parsing(kind)
        print(f"\n{kind} INVITE, {len(Caller(kind).invite(1))} octets")
        for name, cost in costs.items():
            print(f"  {name:36} {cost:6.1f} µs  {cost / costs['email']:5.2f}x email")
    if not any(name.startswith("sippy") for name in costs):
        print("\nsippy: left out, not installed")


if __name__ == "__main__":
    main()
