"""An agent whose user has the last word about registrations."""

from __future__ import annotations

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.message import Response
from sansio_sip.register import ChangeHeld, RegistrarConfig
from tests.sip.agent.net import peer_of
from tests.sip.harness import Peer, make_agent


def test_user_confirms_or_refuses() -> None:
    """SRV-4, SRV-5: by the number of the event; the numbers stand in the statistics."""
    peer = peer_of(registrar=RegistrarConfig(hold_changes=True))
    for number, status in enumerate((200, 403)):
        request = peer.request(
            "REGISTER",
            call_id=f"c{number}",
            extra=[("Contact", f"<sip:a@192.0.2.{number}>"), ("Expires", "60")],
        )
        peer.send(request)
        (held,) = [event for event in peer.events() if isinstance(event, ChangeHeld)]
        assert peer.agent.statistics().held == 1
        if status == 200:
            peer.agent.confirm_registration(held.change, 0.0)
        else:
            peer.agent.refuse_registration(held.change, status, 0.0, headers=[("Warning", '399 x "no"')])
        (response,) = peer.sent()
        assert isinstance(response, Response)
        assert response.status_code == status
    statistics = peer.agent.statistics()
    assert statistics.registrar is not None
    assert (statistics.held, statistics.registrar.accepted, statistics.registrar.refused) == (0, 1, 1)


def test_agent_without_a_registrar_has_nothing_to_confirm() -> None:
    """ERR-1."""
    agent = make_agent()
    with pytest.raises(LocalProtocolError, match="no registrar"):
        agent.confirm_registration(1, 0.0)
    with pytest.raises(LocalProtocolError, match="no registrar"):
        agent.refuse_registration(1, 500, 0.0)
    assert Peer(agent).agent.statistics().registrar is None
