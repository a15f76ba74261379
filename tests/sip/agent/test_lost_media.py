"""A call whose media has stopped is ended with a reason (TRN-10, RFC 3326)."""

from __future__ import annotations

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import TimedOut
from tests.sip.harness import AgentPair, media


def test_call_is_ended_with_a_bye_that_says_why() -> None:
    """TRN-10: the user hears that the media did not come in time, the peer reads 408 in Reason."""
    pair = AgentPair()
    pair.answer_calls()
    session = pair.a.agent.invite("sip:bob@192.0.2.2", media(), pair.now)
    pair.run(1.0)
    pair.a.agent.lose_media(session, pair.now)
    pair.run()
    assert [each.end for each in pair.a.ends] == [TimedOut("media")]
    (bye,) = [each.data for each in pair.log if each.data.startswith(b"BYE ")]
    assert b'\r\nReason: SIP;cause=408;text="Media timeout"\r\n' in bye
    assert pair.b.ends[0].end.reason == 'SIP;cause=408;text="Media timeout"'  # type: ignore[union-attr]
    pair.assert_quiet()


def test_media_of_no_call_cannot_be_lost() -> None:
    """Law: misuse raises and changes nothing."""
    pair = AgentPair()
    with pytest.raises(LocalProtocolError):
        pair.a.agent.lose_media("nobody", 0.0)
