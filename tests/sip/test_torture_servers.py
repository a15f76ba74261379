"""The torture messages whose point shows at a registrar or at a proxy."""

from __future__ import annotations

import pytest

from sansio_sip.message import Request, Response, parse_message
from tests.sip.proxy.bench import Bench
from tests.sip.register.test_registrar import Desk
from tests.sip.test_torture_agent import FOR_OTHERS
from tests.sip.vectors import TORTURE, Vector, octets

AT_A_REGISTRAR = [v for v in TORTURE if v["layer"] == "registrar" or v["id"] == "rfc4475/escnull"]
AT_A_PROXY = [v for v in TORTURE if v["layer"] == "proxy"]


def name(vector: Vector) -> str:
    return str(vector["id"])


def register(vector: Vector) -> tuple[Desk, Request, Response]:
    desk = Desk()
    request = parse_message(octets(vector))
    assert isinstance(request, Request)
    return desk, request, desk.send(request)


def test_all_that_a_user_agent_leaves_to_others_are_here() -> None:
    """MSG-7: none excluded."""
    assert {name(vector) for vector in AT_A_REGISTRAR + AT_A_PROXY} == set(FOR_OTHERS)


@pytest.mark.parametrize("vector", AT_A_REGISTRAR, ids=name)
def test_register_gets_the_answer_of_the_index(vector: Vector) -> None:
    """MSG-7, SRV-5 (RFC 4475 §3.1.1.4, §3.3.4, §3.3.7, §3.3.12-3.3.14)."""
    _, _, response = register(vector)
    assert response.status_code in vector["uas_answer"]


def test_header_part_of_a_contact_is_kept_in_the_binding() -> None:
    """MSG-7, SRV-5 (RFC 4475 §3.3.14): it stands in requests to that contact."""
    vector = next(vector for vector in AT_A_REGISTRAR if name(vector) == "rfc4475/regescrt")
    desk, request, _ = register(vector)
    (binding,) = desk.registrar.lookup(str(request.to.uri), 0.0)
    assert "?Route=%3Csip:sip.example.com%3E" in binding.contact


@pytest.mark.parametrize("vector", AT_A_PROXY, ids=name)
def test_request_gets_the_answer_of_the_index_from_a_proxy(vector: Vector) -> None:
    """MSG-7, SRV-6 (RFC 4475 §3.3.11): Max-Forwards 0 gets 483, and nothing is forwarded."""
    bench = Bench()
    bench.send(octets(vector))
    ((answer, _),) = bench.sent()
    assert isinstance(answer, Response)
    assert answer.status_code in vector["uas_answer"]


@pytest.mark.parametrize("vector", [v for v in TORTURE if v["parse"] == "reject"], ids=name)
def test_a_wrong_message_is_refused_by_a_proxy_as_by_an_agent(vector: Vector) -> None:
    """MSG-7, SRV-6 (RFC 4475 §3.1.2): answered or dropped, never forwarded."""
    bench = Bench()
    bench.send(octets(vector))
    answers = [message for message, _ in bench.sent()]
    assert all(isinstance(answer, Response) for answer in answers)
    statuses = [answer.status_code for answer in answers if isinstance(answer, Response)]
    expected = vector["uas_answer"]
    assert not statuses if expected == "drop" else set(statuses) <= set(expected) and statuses


def test_proxy_require_of_unknown_tags_is_refused_by_a_proxy() -> None:
    """MSG-7, SRV-6 (RFC 4475 §3.3.5): Unsupported lists what Proxy-Require asks for, not Require."""
    bench = Bench()
    bench.send(octets(next(vector for vector in TORTURE if name(vector) == "rfc4475/bext01")))
    ((answer, _),) = bench.sent()
    assert isinstance(answer, Response)
    assert answer.status_code == 420
    assert answer.get("unsupported") == "noProxiesSupportThis, norDoAnyProxiesSupportThis"
