"""Calls that lead into a conference say so in their Contact (RFC 4579)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.agent import Agent, Sender
from sansio_sip.errors import LocalProtocolError, NoSuchCallError
from sansio_sip.invite import IncomingCall
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.subscribe.conference import is_focus
from tests.sip.agent.net import agent_of
from tests.sip.harness import ALICE, BOB

ROOM = "sip:room@voice.example"


def sent(agent: Agent) -> Request | Response:
    """The last message that goes out now."""
    data = [transmit.data for transmit in iter(agent.next_transmit, None)]
    return parse_message(data[-1])


@pytest.mark.parametrize(
    ("options", "from_"),
    [
        ({}, f"<{ROOM}>"),
        ({"from_": "<sip:desk@example.com>"}, "<sip:desk@example.com>"),
        ({"sender": Sender(address="<sip:sales@example.com>")}, "<sip:sales@example.com>"),
    ],
)
def test_conference_that_calls_is_in_from_and_contact(options: dict[str, Any], from_: str) -> None:
    """BRG-6, SRV-6: RFC 4579 §5.2; From is whoever else was named."""
    alice = agent_of()
    alice.invite("sip:bob@192.0.2.2", None, 0.0, focus=ROOM, **options)
    invite = sent(alice)
    assert (invite.get("from") or "").partition(";")[0] == from_
    (contact,) = invite.contacts
    assert is_focus(contact)
    assert str(contact.uri) == "sip:room@192.0.2.1:5060"
    with pytest.raises(LocalProtocolError, match="cannot stand in From"):
        alice.invite("sip:bob@192.0.2.2", None, 0.0, focus="no uri>")


def test_call_that_is_answered_by_a_focus_learns_it() -> None:
    """BRG-6, SRV-6: RFC 4579 §5.1; other calls of the same agent are what they were."""
    alice, bob = agent_of(), agent_of("bob", BOB)
    for focus in (ROOM, ""):
        alice.invite("sip:bob@192.0.2.2", None, 0.0)
        bob.receive_message(sent(alice), ALICE, 0.0)
        session = next(e.session for e in iter(bob.next_event, None) if isinstance(e, IncomingCall))
        if focus:
            bob.act_as_focus(session, focus, 0.0)
        bob.ring(session, 0.0)
        ringing = sent(bob)
        bob.answer(session, None, 0.0)
        for message in (ringing, sent(bob)):
            (contact,) = message.contacts
            assert is_focus(contact) is bool(focus)
            assert str(contact.uri) == f"sip:{'room' if focus else 'bob'}@192.0.2.2:5060"


def test_mistakes_change_nothing() -> None:
    """BRG-6, ERR-1."""
    alice, bob = agent_of(), agent_of("bob", BOB)
    alice.invite("sip:bob@192.0.2.2", None, 0.0)
    bob.receive_message(sent(alice), ALICE, 0.0)
    session = next(e.session for e in iter(bob.next_event, None) if isinstance(e, IncomingCall))
    with pytest.raises(NoSuchCallError):
        bob.act_as_focus("nobody", ROOM, 0.0)
    with pytest.raises(LocalProtocolError, match="cannot stand in From"):
        bob.act_as_focus(session, "no uri>", 0.0)
    bob.ring(session, 0.0)
    (contact,) = sent(bob).contacts
    assert not is_focus(contact)
