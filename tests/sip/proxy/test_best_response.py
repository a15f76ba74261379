"""Which response goes upstream (RFC 3261 §16.7 items 6 and 7)."""

from __future__ import annotations

import pytest

from sansio_sip.message import Request, build_response
from tests.sip.proxy.bench import Bench, targets_at

HOSTS = range(101, 107)


def best_of(statuses: list[int], method: str = "INVITE") -> list[int]:
    """The final statuses that a caller gets when branches answer in this order."""
    bench = Bench(targets_at(*HOSTS[: len(statuses)]))
    bench.send(bench.request(method))
    copies = [message for message, _ in bench.sent()]
    for copy, status in zip(copies, statuses, strict=True):
        assert isinstance(copy, Request)
        if status:
            bench.respond(copy, status)
    if 0 in statuses:
        bench.pass_time(40.0)
    return [
        message.status_code
        for message, _ in bench.sent()
        if not isinstance(message, Request) and message.status_code > 199
    ][:1]


@pytest.mark.parametrize(
    ("statuses", "best"),
    [
        ([404], 404),
        ([404, 486], 404),
        ([486, 404], 486),
        ([500, 404], 404),
        ([302, 404], 302),
        ([404, 302, 603], 603),
        ([603, 600], 603),
        ([404, 401], 401),
        ([486, 407, 401], 401),
        ([484, 420, 415], 415),
        ([503, 407, 501, 404], 407),
        ([408, 486], 486),
        ([487, 480], 480),
        ([482, 408], 482),
        ([503, 501], 501),
        ([503, 504, 503], 504),
        ([503], 500),
        ([503, 503], 500),
        ([0], 408),
        ([0, 486], 486),
        ([0, 503], 500),
    ],
)
def test_the_best_response_is_chosen(statuses: list[int], best: int) -> None:
    """SRV-7: RFC 3261 §16.7 item 6: 6xx, then the lowest class; 401, 407, 415, 420, 484 before others.

    A 0 is a branch that never answers; nothing but that is 408.
    """
    assert best_of(statuses) == [best]


@pytest.mark.parametrize(
    ("statuses", "best"), [([404], [404]), ([0], []), ([408], []), ([0, 404], [404]), ([408, 486], [486])]
)
def test_other_requests_than_invite_never_get_408(statuses: list[int], best: list[int]) -> None:
    """SRV-7: RFC 4320 §4.2: too late for an answer is no answer, also for a 408 that came."""
    assert best_of(statuses, "OPTIONS") == best


def test_challenges_of_all_branches_are_gathered() -> None:
    """SRV-7: RFC 3261 §16.7 item 7: unchanged, whichever response is chosen."""
    bench = Bench(targets_at(101, 102, 103, 104))
    bench.send(bench.request())
    copies = [message for message, _ in bench.sent()]
    challenges = [
        (407, "Proxy-Authenticate", 'Digest realm="p", nonce="1"'),
        (401, "WWW-Authenticate", 'Digest realm="w", nonce="2"'),
        (404, "WWW-Authenticate", 'Digest realm="no", nonce="3"'),
        (401, "WWW-Authenticate", 'Digest realm="w2", nonce="4", qop="auth,auth-int"'),
    ]
    for number, (copy, (status, name, value)) in enumerate(zip(copies, challenges, strict=True)):
        assert isinstance(copy, Request)
        bench.respond(copy, status, tag=f"t{number}", extra=[(name, value)])
    (final,) = [m for m, _ in bench.sent() if not isinstance(m, Request)]
    assert (final.status_code, final.to_tag) == (401, "t1")
    assert final.get_all("www-authenticate") == [challenges[1][2], challenges[3][2]]
    assert final.get_all("proxy-authenticate") == [challenges[0][2]]


def test_a_forwarded_response_is_changed_in_its_top_via_only() -> None:
    """SRV-7: RFC 3261 §16.7 items 3 and 9: body, tag, order and unknown fields stay; received too."""
    bench = Bench()
    bench.send(bench.request(via="SIP/2.0/UDP host.example:5070;rport;branch=z9hG4bKq"))
    ((copy, _),) = bench.sent()
    assert isinstance(copy, Request)
    answer = build_response(
        copy,
        183,
        "Odd phrase",
        to_tag="b",
        extra=[("X-One", "1"), ("Contact", "<sip:b@192.0.2.101>"), ("X-One", "2")],
        content_type="x/y",
        body=b"\0\xff",
    )
    bench.send(answer)
    ((forwarded, endpoint),) = bench.sent()
    assert not isinstance(forwarded, Request)
    assert forwarded.reason == "Odd phrase"
    assert forwarded.get_all("via") == [
        "SIP/2.0/UDP host.example:5070;rport=5060;branch=z9hG4bKq;received=192.0.2.1"
    ]
    expected = [field for field in answer.fields if field[0] != "via"]
    assert [f for f in forwarded.fields if f[0] not in ("via", "content-length")] == expected
    assert forwarded.body == b"\0\xff"
    assert (endpoint.host, endpoint.port) == ("192.0.2.1", 5060)
