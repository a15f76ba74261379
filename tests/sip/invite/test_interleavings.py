"""Messages that cross, in every order: both sides end quiet in all (SIM-3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sip.harness import BOB, media
from tests.sip.invite.orders import Meeting, every_order


def cancel_and_200(meeting: Meeting) -> None:
    meeting.call()
    meeting.ring()
    meeting.a.agent.hang_up(meeting.session, 0.0)
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)


def cancel_and_reliable(meeting: Meeting) -> None:
    meeting.call()
    meeting.ring()
    meeting.b.agent.ring(meeting.answering, 0.0, 183, media=media(BOB.host))
    meeting.a.agent.hang_up(meeting.session, 0.0)
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)


def bye_and_bye(meeting: Meeting) -> None:
    meeting.establish()
    meeting.a.agent.hang_up(meeting.session, 0.0)
    meeting.b.agent.hang_up(meeting.answering, 0.0)


def bye_and_reinvite(meeting: Meeting) -> None:
    meeting.establish()
    meeting.a.agent.hang_up(meeting.session, 0.0)
    meeting.b.agent.hold(meeting.answering, 0.0)


def bye_and_reinvite_of_one(meeting: Meeting) -> None:
    meeting.establish()
    meeting.b.agent.hold(meeting.answering, 0.0)
    meeting.b.agent.hang_up(meeting.answering, 0.0)


def reinvite_and_reinvite(meeting: Meeting) -> None:
    meeting.establish()
    meeting.a.agent.hold(meeting.session, 0.0)
    meeting.b.agent.hold(meeting.answering, 0.0)


def reinvite_and_late_offer(meeting: Meeting) -> None:
    meeting.establish()
    meeting.a.agent.update_media(meeting.session, media(), 0.0, late_offer=True)
    meeting.b.agent.hold(meeting.answering, 0.0)


def reinvite_and_the_first_ack(meeting: Meeting) -> None:
    meeting.call()
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)
    meeting.collect()
    meeting.deliver()
    meeting.a.agent.hold(meeting.session, 0.0)


def prack_and_200(meeting: Meeting) -> None:
    meeting.call()
    meeting.b.agent.ring(meeting.answering, 0.0, 183, media=media(BOB.host))
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)


def two_pracks_and_200(meeting: Meeting) -> None:
    meeting.call()
    meeting.b.agent.ring(meeting.answering, 0.0, 180, reliable=True)
    meeting.b.agent.ring(meeting.answering, 0.0, 183, media=media(BOB.host))
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)


def late_offer_prack_and_200(meeting: Meeting) -> None:
    meeting.session = meeting.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0, late_offer=True)
    meeting.deliver_all()
    meeting.b.agent.ring(meeting.answering, 0.0, 183, media=media(BOB.host))
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)


def update_and_update(meeting: Meeting) -> None:
    meeting.call()
    meeting.ring_reliably()
    meeting.a.agent.hold(meeting.session, 0.0)
    meeting.b.agent.hold(meeting.answering, 0.0)
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)


def update_and_200(meeting: Meeting) -> None:
    meeting.call()
    meeting.ring_reliably()
    meeting.a.agent.hold(meeting.session, 0.0)
    meeting.b.agent.answer(meeting.answering, media(BOB.host), 0.0)


def update_and_cancel(meeting: Meeting) -> None:
    meeting.call()
    meeting.ring_reliably()
    meeting.b.agent.hold(meeting.answering, 0.0)
    meeting.a.agent.hang_up(meeting.session, 0.0)


SCENES: list[Callable[[Meeting], None]] = [
    cancel_and_200,
    cancel_and_reliable,
    bye_and_bye,
    bye_and_reinvite,
    bye_and_reinvite_of_one,
    reinvite_and_reinvite,
    reinvite_and_late_offer,
    reinvite_and_the_first_ack,
    prack_and_200,
    two_pracks_and_200,
    late_offer_prack_and_200,
    update_and_update,
    update_and_200,
    update_and_cancel,
]


@pytest.mark.parametrize(
    ("depth", "ticks"),
    [(6, 0), (4, 1), pytest.param(6, 1, marks=(pytest.mark.long, pytest.mark.timeout(600)))],
)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_order_ends_quiet(scene: Callable[[Meeting], None], depth: int, ticks: int) -> None:
    """SIM-3, SES-11, SES-12, DLG-17: one end each, the same media on both sides, nothing left.

    With ticks a timer may run while messages are on their way, so that they cross their own repeats.
    """
    orders = 0
    for meeting in every_order(scene, depth, ticks):
        meeting.check()
        orders += 1
    assert orders > 1
