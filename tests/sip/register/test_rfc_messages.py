"""The REGISTER requests that the RFCs print, at a registrar."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.errors import ParseError
from sansio_sip.message import Request, parse_message
from tests.sip.register.test_registrar import Desk
from tests.sip.vectors import EXAMPLES, TORTURE, octets

# Where the registrar of these tests answers something else than 200, and why.
ANSWERS = {
    "rfc4475/unksm2": 400,  # the address of record is an ISBN
    "rfc5118/ipv6-bad": 400,  # an IPv6 address without brackets
}


def registers() -> dict[str, Request]:
    found: dict[str, Request] = {}
    for vector in EXAMPLES + TORTURE:
        try:
            # Some RFCs leave out the rest of a message with dots in a folded line.
            message = parse_message(octets(vector).replace(b"\r\n . . .", b""))
        except ParseError:
            continue
        # scalar02 has numbers that no layer above the parser ever sees.
        if (
            isinstance(message, Request)
            and message.method == "REGISTER"
            and vector["id"] != "rfc4475/scalar02"
        ):
            found[str(vector["id"])] = message
    return found


REGISTERS = registers()


@pytest.mark.parametrize("name", list(REGISTERS))
def test_a_register_of_an_rfc_is_understood(name: str) -> None:
    """SRV-5: RFC 3261 §24.1, 3327 §5, 3608 §6.4, 3665 §2, 3680, 4475, 5118, 5626 §9, 5627 §9, 7118 §8.1."""
    desk, request = Desk(), REGISTERS[name]
    assert desk.send(request).status_code == ANSWERS.get(name, 200)


def test_there_are_many() -> None:
    """SRV-5: a changed file would show."""
    assert len(REGISTERS) >= 30


def bound(name: str) -> list[dict[str, Any]]:
    """What is bound after a request of an RFC: URI, path and flow of each contact."""
    desk, request = Desk(), REGISTERS[name]
    desk.send(request)
    bindings = desk.registrar.lookup(str(request.to.uri), 0.0)
    return [{"contact": b.contact, "path": list(b.path), "reg_id": b.reg_id} for b in bindings]


def test_path_of_the_rfc() -> None:
    """RFC 3327 §5.5.1, F5: what the registrar stores."""
    path = ["<sip:P3.EXAMPLEHOME.COM;lr>", "<sip:P1.EXAMPLEVISITED.COM;lr>"]
    assert bound("rfc3327/5/003") == [{"contact": "sip:UA1@192.0.2.4", "path": path, "reg_id": None}]


def test_flows_of_the_rfc() -> None:
    """RFC 5626 §9.2: two flows of one phone."""
    contact = "sip:bob@192.0.2.2;transport=tcp"
    assert [bound(f"rfc5626/9.2/{step}")[0]["reg_id"] for step in ("002", "004")] == [1, 2]
    assert bound("rfc5626/9.2/002")[0]["contact"] == contact


def test_parameters_of_contact_and_of_its_uri_are_told_apart() -> None:
    """RFC 4475 §3.3.12, §3.3.13: cparam01 and cparam02, unknown parameters kept where they stood."""
    assert [bound(f"rfc4475/cparam0{n}")[0]["contact"] for n in (1, 2)] == [
        "sip:+19725552222@gw1.example.net",
        "sip:+19725552222@gw1.example.net;unknownparam",
    ]


def test_escaped_nulls_are_two_contacts() -> None:
    """RFC 4475 §3.1.1.4: escnull."""
    assert len(bound("rfc4475/escnull")) == 2
