"""Forked INVITEs: several early dialogs, several 2xx (RFC 3261 §13.2.2, RFC 6337 §2.2)."""

from __future__ import annotations

import attrs
import pytest

from sansio_sip.agent import Agent
from sansio_sip.invite import CallAnswered, MediaNegotiated, RemoteBye, UpdateFailed
from sansio_sip.message import Request
from tests.sip.harness import Peer, media
from tests.sip.invite.scripts import REL, Call, agent, body_of, negotiated, sdp


def reliable(call: Peer, invite: Request, tag: str, *, number: int = 1, body: bytes = b"") -> Request:
    fields = (("Require", "100rel"), ("RSeq", str(number)), REL[1])
    call.respond(invite, 183, tag=tag, body=body, extra=fields, contact=f"<sip:{tag}@192.0.2.2>")
    return call.request_from_agent("PRACK")


def tags(agent: Agent) -> set[str]:
    return {remote for _, _, remote in agent._calls.registry}


def test_each_branch_is_a_dialog_with_its_own_media() -> None:
    """DLG-5: RFC 6337 §2.2: each early dialog has its own exchange, CSeq, target and RSeq."""
    call = Call()
    _, invite = call.call_from_agent()
    first = reliable(call, invite, "one", number=10, body=sdp(5000))
    second = reliable(call, invite, "two", number=90, body=sdp(6000))
    assert (first.to_tag, first.uri, first.cseq.number) == ("one", "sip:one@192.0.2.2", 2)
    assert (second.to_tag, second.uri, second.cseq.number) == ("two", "sip:two@192.0.2.2", 2)
    assert reliable(call, invite, "one", number=11).cseq.number == 3
    assert [agreed.remote_port for agreed in negotiated(call) if agreed] == [5000, 6000]
    assert tags(call.agent) == {"one", "two"}


def test_first_2xx_wins_and_its_leg_goes_on() -> None:
    """DLG-6: the numbers of its early dialog go on; only route set and target are read again."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(reliable(call, invite, "one", body=sdp(5000)), 200)
    call.respond(reliable(call, invite, "two", body=sdp(6000)), 200)
    call.events()
    call.respond(
        invite,
        200,
        tag="one",
        contact="<sip:new@192.0.2.2>",
        extra=(("Record-Route", "<sip:192.0.2.9;lr>"),),
    )
    ack = call.request_from_agent("ACK")
    assert (ack.to_tag, ack.uri, ack.cseq.number) == ("one", "sip:new@192.0.2.2", 1)
    assert ack.routes == ["<sip:192.0.2.9;lr>"]
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert agreed.remote_port == 5000
    call.agent.hang_up(call.session, 0.0)
    assert call.request_from_agent("BYE").cseq.number == 3


def test_later_2xx_of_an_early_branch_gets_ack_and_bye_with_its_own_numbers() -> None:
    """DLG-6: RFC 3261 §13.2.2.4: the BYE follows the PRACK of that dialog."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(reliable(call, invite, "two", body=sdp(6000)), 200)
    call.respond(invite, 200, tag="one", body=sdp(5000))
    call.request_from_agent("ACK")
    call.events()
    call.respond(invite, 200, tag="two")
    ack, bye = call.sent()
    assert isinstance(bye, Request)
    assert (ack.to_tag, bye.to_tag, bye.cseq.number) == ("two", "two", 3)
    call.respond(bye, 200, tag="two")
    assert call.events() == []
    call.respond(invite, 200, tag="two")
    assert call.lines() == ["ACK"]
    call.quiet()


def test_later_2xx_with_an_offer_gets_an_answer_that_declines() -> None:
    """RFC 3261 §13.2.2.4: the ACK has to answer even where BYE follows."""
    call = Call()
    call.session, invite = call.call_from_agent(late_offer=True)
    call.respond(invite, 200, tag="one", body=sdp(5000))
    assert body_of(call.request_from_agent("ACK")).media[0].port == 4000
    call.respond(invite, 200, tag="two", body=sdp(6000))
    ack, bye = call.sent()
    assert body_of(ack).media[0].port == 0
    assert bye.cseq.method == "BYE"


@pytest.mark.parametrize("body", [b"nonsense", b""])
def test_later_2xx_with_a_damaged_description_is_ended_all_the_same(body: bytes) -> None:
    """DLG-6."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 200, tag="one", body=sdp(5000))
    call.sent()
    call.respond(invite, 200, tag="two", body=body)
    assert call.lines() == ["ACK", "BYE"]


def test_later_2xx_that_cannot_be_reached_is_left_to_itself() -> None:
    """DLG-6: nothing can be sent to a Contact that is none."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 200, tag="one", body=sdp(5000))
    call.sent()
    call.respond(invite, 200, tag="two", contact="<sip:>")
    assert call.lines() == []


def test_losing_early_dialogs_are_dropped_after_64_t1() -> None:
    """DLG-6: RFC 3261 §13.2.2.4."""
    call = Call()
    call.session, invite = call.call_from_agent()
    for tag in ("one", "two", "three"):
        call.respond(invite, 180, tag=tag)
    call.respond(invite, 200, tag="two", body=sdp())
    call.sent()
    assert tags(call.agent) == {"one", "two", "three"}
    call.pass_time(32.0)
    assert tags(call.agent) == {"two"}
    call.quiet()


def test_requests_of_a_branch_that_lost_change_nothing() -> None:
    """DLG-5: 481, a BYE 200; the call goes on."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 180, tag="two")
    call.respond(invite, 200, tag="one", body=sdp())
    call.sent()
    call.events()
    call.send(call.request_in(invite, "UPDATE", tag="two", cseq=1))
    call.response_from_agent(481)
    call.send(call.request_in(invite, "BYE", tag="two", cseq=2))
    call.response_from_agent(200)
    assert call.events() == []


def test_branches_beyond_the_bound_ring_but_have_no_dialog() -> None:
    """Law 8: a flood of forged branches stops at max_forks."""
    call = Call()
    _, invite = call.call_from_agent()
    for number in range(40):
        call.respond(invite, 180, tag=f"t{number}")
    assert len(tags(call.agent)) == 32
    assert len(call.events()) == 40


def test_acks_stop_at_the_same_bound() -> None:
    """Law 8, DLG-6."""
    call = Call()
    _, invite = call.call_from_agent()
    for number in range(40):
        call.respond(invite, 200, tag=f"t{number}", body=sdp())
    assert call.lines().count("ACK") == 32


def test_update_goes_on_the_branch_that_rang_last_and_follows_the_winner() -> None:
    """DLG-5, RFC 3311: what waits is sent to who answers."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 180, tag="one")
    call.agent.update_media(call.session, media(port=4444), 0.0)
    assert call.lines() == []
    call.respond(invite, 200, tag="two", body=sdp())
    ack, again = call.sent()
    assert isinstance(again, Request)
    assert (ack.to_tag, again.to_tag, again.method) == ("two", "two", "INVITE")
    assert body_of(again).media[0].port == 4444


def test_update_on_a_branch_that_loses_has_failed() -> None:
    """DLG-5: the user hears of it once; the winner has what was agreed with it."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(reliable(call, invite, "one", body=sdp(5000)), 200)
    call.agent.update_media(call.session, media(port=4444), 0.0)
    update = call.request_from_agent("UPDATE")
    call.respond(invite, 200, tag="two", body=sdp(6000))
    call.request_from_agent("ACK")
    events = call.events()
    assert [event.status_code for event in events if isinstance(event, UpdateFailed)] == [481]
    call.respond(update, 200, tag="one", body=sdp(7000))
    assert call.events() == []
    call.agent.update_media(call.session, media(port=4446), 0.0)
    assert call.request_from_agent("INVITE").to_tag == "two"
    call.quiet()


def test_two_early_branches_are_changed_each_for_itself() -> None:
    """DLG-5, RFC 6337 §2.2."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(reliable(call, invite, "one", body=sdp(5000)), 200)
    call.agent.update_media(call.session, media(port=4444), 0.0)
    assert call.request_from_agent("UPDATE").to_tag == "one"
    call.respond(reliable(call, invite, "two", body=sdp(6000)), 200)
    call.agent.update_media(call.session, media(port=4446), 0.0)
    assert call.request_from_agent("UPDATE").to_tag == "two"
    call.respond(invite, 200, tag="two")
    call.sent()
    call.quiet()


def test_later_branch_may_be_preferred() -> None:
    """DLG-6: the policy hook: the first leg gets BYE, the call goes on with the later."""
    call = Call()
    core = call.agent._core
    core.invite_config = attrs.evolve(
        core.invite_config, prefers=lambda later, first: later.to_tag > first.to_tag
    )
    call.session, invite = call.call_from_agent()
    call.respond(invite, 200, tag="one", body=sdp(5000))
    call.sent()
    call.events()
    call.respond(invite, 200, tag="two", body=sdp(6000))
    ack, bye = call.sent()
    assert (ack.to_tag, bye.to_tag) == ("two", "one")
    negotiation, answered = call.events()
    assert isinstance(negotiation, MediaNegotiated)
    assert negotiation.media is not None
    assert negotiation.media.remote_port == 6000
    assert isinstance(answered, CallAnswered)
    call.respond(invite, 200, tag="alpha", body=sdp(7000))
    ack, bye = call.sent()
    assert (ack.to_tag, bye.to_tag) == ("alpha", "alpha")
    call.send(call.request_in(invite, "BYE", tag="two", cseq=1))
    assert isinstance(call.ends()[-1], RemoteBye)


def test_challenge_ends_the_early_dialogs_before_it() -> None:
    """RFC 3261 §13.2.2.3."""
    call = Call(agent())
    _, invite = call.call_from_agent()
    call.respond(invite, 180, tag="one")
    call.respond(invite, 302, contact="<sip:carol@192.0.2.2>")
    assert tags(call.agent) == set()
    again = call.sent()[-1]
    assert isinstance(again, Request)
    call.respond(again, 180, tag="two")
    assert tags(call.agent) == {"two"}


def test_early_dialog_that_cannot_be_made_still_rings() -> None:
    """DLG-5: a Contact that is none makes no dialog."""
    call = Call()
    _, invite = call.call_from_agent()
    call.respond(invite, 180, tag="one", contact="<sip:>")
    assert len(call.events()) == 1
    assert tags(call.agent) == set()
