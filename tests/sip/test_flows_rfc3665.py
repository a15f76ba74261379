"""The call flows of RFC 3665: every message read, every section of calls replayed by two agents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sansio_sip.invite import (
    Cancelled,
    LocallyClosed,
    MediaNegotiated,
    Rejected,
    RemoteBye,
    TimedOut,
)
from sansio_sip.message import (
    ParseMode,
    Request,
    build_response,
    check_request,
    check_response,
    parse_message,
)
from sansio_sip.sdp import LocalMedia, MediaFormat
from tests.sip.flows import Flow, Step, Telephone
from tests.sip.test_flows_registration import SECTIONS as REGISTRATION
from tests.sip.vectors import EXAMPLES, octets

MESSAGES = [vector for vector in EXAMPLES if str(vector["id"]).startswith("rfc3665/")]
SECTIONS = list(dict.fromkeys(str(vector["section"]) for vector in MESSAGES))
STEPS: dict[str, list[Step]] = {
    section: [Step.of(vector) for vector in MESSAGES if vector["section"] == section] for section in SECTIONS
}

ALICE = LocalMedia("192.0.2.101", 49172, (MediaFormat("PCMU", 8000, 0),), rtcp_mux=False)
BOB = LocalMedia("192.0.2.201", 3456, (MediaFormat("PCMU", 8000, 0),), rtcp_mux=False)

# Sections that two agents cannot play yet, and why: none any more.
NOT_YET: dict[str, str] = {}
PLAYED = [section for section in SECTIONS if section not in {*NOT_YET, *REGISTRATION}]

# What the RFC prints against RFC 3261 and is not compared at that step: a Request-URI without the
# parameters of the Contact that it is (§12.2.1.1), an ACK without the Route of its INVITE (§17.1.1.3),
# once a second try without the Route of the first, and once another port under the old version of the
# description (RFC 3264 §8). In 3.6 it has a Contact for each transport, of which an agent has one for all.
SLIPS: dict[str, dict[str, set[str]]] = {
    "3.1": {"F4": {"start"}, "F5": {"start"}},
    "3.2": {"F3": {"route"}, "F15": {"start"}, "F18": {"start"}},
    "3.3": {"F3": {"route"}, "F10": {"route"}, "F11": {"route"}},
    "3.6": {"F4": {"start", "contact"}, "F11": {"start"}, "F13": {"start"}},
    "3.7": {"F10": {"description"}},
    "3.8": {"F20": {"route"}},
    "3.9": {"F11": {"route"}},
    "3.10": {"F15": {"route"}},
    "3.11": {"F14": {"route"}},
}

# From these steps on the RFC's text plays a telephone: one that has moved to another network, as no
# agent does in the middle of a call.
GONE: dict[str, dict[str, str]] = {"3.7": {"Bob": "F9"}}

BOBS_PLACE: dict[str, tuple[str, str]] = {"3.6": ("client.chicago.example.com", "TCP")}
"""Host and transport of Bob, where they are not his usual ones."""

ENDS: dict[str, tuple[list[object], list[object]]] = {
    "3.1": ([RemoteBye()], [LocallyClosed()]),
    "3.2": ([RemoteBye()], [LocallyClosed()]),
    "3.3": ([], []),
    "3.4": ([TimedOut(), RemoteBye()], [LocallyClosed()]),
    "3.5": ([LocallyClosed()], [RemoteBye()]),
    "3.6": ([RemoteBye()], [LocallyClosed()]),
    "3.7": ([LocallyClosed()], []),
    "3.8": ([Cancelled()], [Cancelled(by_remote=True)]),
    "3.9": ([Rejected(486, "Busy Here")], [Rejected(486, "Busy Here", by_remote=False)]),
    "3.10": ([Rejected(480, "No Response")], []),
    "3.11": (
        [Rejected(480, "Temporarily Unavailable")],
        [Rejected(480, "Temporarily Unavailable", by_remote=False)],
    ),
}
"""How the calls of Alice and Bob end."""

MEDIA: dict[str, tuple[tuple[str, int] | None, tuple[str, int] | None]] = {
    "3.1": (("192.0.2.201", 3456), ("192.0.2.101", 49172)),
    "3.2": (("192.0.2.201", 3456), ("192.0.2.101", 49172)),
    "3.3": (("192.0.2.201", 3456), ("192.0.2.101", 49172)),
    "3.4": (("192.0.2.201", 3456), ("192.0.2.101", 49172)),
    "3.5": (("192.0.2.128", 1734), ("192.0.2.128", 2000)),
    "3.6": (("192.0.2.100", 3456), ("192.0.2.101", 49172)),
    "3.7": (("192.0.2.100", 47172), ("192.0.2.101", 49172)),
}
"""Where Alice and Bob send their voice in the end."""


def proxy_1_is_dead(flow: Flow) -> None:
    """F2 to F7: the repeats of the INVITE, which are printed as a line of text only."""
    flow.alice.pass_time(32.0)
    assert [repr(message)[:15] for message in flow.alice.outgoing] == ["<Request INVITE"] * 6
    flow.alice.outgoing.clear()


BEFORE: dict[str, dict[str, Callable[[Flow], None]]] = {"3.4": {"F8": proxy_1_is_dead}}


def steps_of(section: str) -> list[Step]:
    """The messages of a section, with the three that are printed with a space too many."""
    steps = STEPS[section]
    if section != "3.9":
        return steps
    by_label = {step.label: step for step in steps}
    answers = {
        "F6": ("F4", "Bob", "Proxy 2"),
        "F8": ("F2", "Proxy 2", "Proxy 1"),
        "F10": ("F1", "Proxy 1", "Alice"),
    }
    for label, (invite, source, destination) in answers.items():
        request = by_label[invite].message
        assert isinstance(request, Request)
        data = build_response(request, 486, to_tag="314159").to_bytes()
        by_label[label] = Step(label, "486 Busy Here", source, destination, "TCP", data)
    return sorted(by_label.values(), key=lambda step: int(step.label[1:]))


def flow_of(section: str) -> Flow:
    steps = steps_of(section)
    transport = steps[0].transport
    alice = Telephone("alice", "atlanta.example.com", "client.atlanta.example.com", transport, ALICE)
    host, bobs_transport = BOBS_PLACE.get(section, ("client.biloxi.example.com", transport))
    bob = Telephone("bob", "biloxi.example.com", host, bobs_transport, BOB)
    return Flow(
        steps, alice, bob, slips=SLIPS.get(section), gone=GONE.get(section), before=BEFORE.get(section)
    )


def voice(phone: Telephone) -> tuple[str, int] | None:
    media = [event.media for event in phone.events if isinstance(event, MediaNegotiated)]
    last = media[-1] if media else None
    return None if last is None else (last.remote_address, last.remote_port)


def test_every_message_is_there_and_can_be_read() -> None:
    """MSG-1: 177 messages of 16 sections (RFC 3665)."""
    assert len(MESSAGES) == 177
    assert len(SECTIONS) == 16
    for vector in MESSAGES:
        message = parse_message(octets(vector))
        if isinstance(message, Request):
            check_request(message, mode=ParseMode.STRICT)
        else:
            check_response(message, mode=ParseMode.STRICT)


@pytest.mark.parametrize("section", PLAYED)
def test_section_is_played_by_two_agents(section: str) -> None:
    """DLG-1, DLG-3, AUTH-1 (RFC 3665): each message of ours is the printed one but for its identifiers."""
    flow = flow_of(section)
    flow.run()
    assert (flow.alice.ends, flow.bob.ends) == ENDS[section]
    assert (voice(flow.alice), voice(flow.bob)) == MEDIA.get(section, (None, None))
    assert flow.alice.agent.statistics().malformed == 0
    assert flow.bob.agent.statistics().malformed == 0
    flow.assert_quiet()


def test_section_that_is_left_out_cannot_be_played() -> None:
    """TST-4: an entry that has become untrue is an error."""
    for section, reason in NOT_YET.items():
        assert reason
        with pytest.raises(AssertionError, match=r"F[0-9]+"):
            flow_of(section).run()


def test_every_section_is_played_or_has_a_reason_and_no_table_is_stale() -> None:
    """TST-4."""
    assert set(PLAYED) == set(ENDS)
    assert set(PLAYED) | set(NOT_YET) | set(REGISTRATION) == set(SECTIONS)
    assert set(SLIPS) | set(GONE) | set(MEDIA) | set(BEFORE) <= set(PLAYED)


@pytest.mark.parametrize(
    ("section", "label", "slip"),
    [
        (section, label, slip)
        for section, labels in SLIPS.items()
        for label, slips in labels.items()
        for slip in sorted(slips)
    ],
)
def test_slip_of_the_rfc_is_one(section: str, label: str, slip: str) -> None:
    """TST-4: without the entry the step differs, so none covers an error of ours that is gone."""
    flow = flow_of(section)
    flow.slips = dict(SLIPS[section])
    flow.slips[label] = SLIPS[section][label] - {slip}
    with pytest.raises(AssertionError, match=f"{label} "):
        flow.run()
