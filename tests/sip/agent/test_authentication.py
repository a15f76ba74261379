"""An agent that asks its callers who they are (AUTH-1, CLI-8)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.agent import AgentBackends, AuthenticationConfig, CredentialsRefused
from sansio_sip.auth import ChallengeCause, Credentials, DigestClient, DigestServerConfig, Secret
from sansio_sip.invite import IncomingCall
from sansio_sip.message import Request
from sansio_sip.register import (
    BindingsChanged,
    MemoryBindingStore,
    RegisterRefused,
    RegistrarConfig,
)
from sansio_sip.subscribe import CompositorConfig, StatePublished
from tests.sip.agent.net import peer_of
from tests.sip.harness import ALICE, BOB, Peer

REALM = DigestServerConfig(realm="r")
BOB_USER = Credentials("bob", "builder")


def asking(backends: AgentBackends | None = None, **settings: Any) -> Peer:
    wanted = {"digest": REALM, "users": (BOB_USER,), **settings.pop("authentication", {})}
    return peer_of(authentication=AuthenticationConfig(**wanted), backends=backends, **settings)


def again(peer: Peer, request: Request, user: Credentials = BOB_USER, status: int = 401) -> Request:
    """Send a request, be challenged, and build the second try."""
    peer.send(request)
    (challenge,) = [m for m in peer.sent() if getattr(m, "status_code", 0) == status]
    second = request.copy()
    second.remove("via")
    second.insert_first("Via", request.get_all("via")[0] + "again")
    second.set("CSeq", f"{request.cseq.number + 1} {request.method}")
    assert DigestClient((user,)).authorize(second, challenge, cnonce="c")  # type: ignore[arg-type]
    return second


def test_caller_is_challenged_and_known_by_name() -> None:
    """AUTH-1, CLI-8: 401 as of a UAS, nothing opened before."""
    peer = asking()
    second = again(peer, peer.request("INVITE"))
    assert peer.events() == []
    assert peer.agent.statistics().calls == 0
    peer.send(second)
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    assert event.username == "bob"
    assert peer.agent.statistics().challenged == 1


def test_wrong_password_is_challenged_again_and_told() -> None:
    """AUTH-1: for whoever watches the attackers."""
    peer = asking()
    peer.send(again(peer, peer.request("INVITE"), Credentials("bob", "wrong")))
    peer.response_from_agent(401)
    assert peer.events() == [CredentialsRefused("INVITE", BOB, "bob", ChallengeCause.WRONG)]


def test_old_nonce_is_no_attack() -> None:
    """AUTH-1: stale."""
    peer = asking(authentication={"nonce_lifetime": 10.0})
    second = again(peer, peer.request("MESSAGE"))
    peer.now = 60.0
    peer.send(second)
    refused = peer.response_from_agent(401)
    assert "stale=true" in (refused.get("www-authenticate") or "")
    assert peer.events() == []


@pytest.mark.parametrize("method", ["OPTIONS", "FOO"])
def test_methods_that_are_not_named_are_not_asked(method: str) -> None:
    """AUTH-1."""
    peer = asking()
    peer.send(peer.request(method))
    assert peer.lines() != ["401"]


def test_trusted_host_is_not_asked() -> None:
    """CLI-8: allow-list."""
    peer = asking(authentication={"trusted_hosts": frozenset({BOB.host})})
    peer.send(peer.request("INVITE"))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    assert event.username == ""
    peer.lines()
    peer.send(peer.request("INVITE", call_id="2"), ALICE._replace(host="192.0.2.77"))
    peer.response_from_agent(401)


def test_ack_and_requests_in_the_call_are_never_challenged() -> None:
    """AUTH-1: §22.1."""
    peer = asking()
    second = again(peer, peer.request("INVITE"))
    peer.send(second)
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    peer.agent.answer(event.session, None, 0.0)
    (ok,) = [m for m in peer.sent() if getattr(m, "status_code", 0) == 200]
    tag = ok.to_tag
    for method in ("ACK", "INVITE", "BYE"):
        peer.send(peer.request(method, to_tag=tag, cseq=second.cseq.number + (method != "ACK")))
        assert "401" not in peer.lines()
    peer.send(peer.request("CANCEL", branch="z9hG4bKnone"))
    peer.response_from_agent(481)


def lookup(username: str, realm: str) -> Secret | None:
    return Secret("out of the data base") if (username, realm) == ("carol", "r") else None


@pytest.mark.parametrize(
    ("user", "good"),
    [
        (Credentials("bob", "builder"), True),
        (Credentials("carol", "out of the data base"), True),
        (Credentials("dave", "x"), False),
        (Credentials("eve", "elsewhere"), False),
    ],
)
def test_users_stand_in_the_configuration_or_are_looked_up(user: Credentials, good: bool) -> None:
    """AUTH-1: one with another realm is not known here."""
    users = (BOB_USER, Credentials("eve", "elsewhere", realm="other"))
    peer = asking(AgentBackends(secrets=lookup), authentication={"users": users})
    peer.send(again(peer, peer.request("INVITE"), user))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall if good else CredentialsRefused)


@pytest.mark.parametrize("asks", [True, False])
def test_registrar_asks_for_itself_or_nobody(asks: bool) -> None:
    """AUTH-1, SRV-4: the count of a nonce is good once, so it is judged once."""
    methods = frozenset({"REGISTER"} if asks else {"INVITE"})
    store = MemoryBindingStore()
    peer = asking(
        AgentBackends(store=store), registrar=RegistrarConfig(), authentication={"methods": methods}
    )
    register = peer.request("REGISTER", extra=[("Contact", "<sip:bob@192.0.2.2>"), ("Require", "gruu")])
    register.set("To", "<sip:bob@example.com>")
    register.set("From", "<sip:bob@example.com>;tag=b")
    if asks:
        register = again(peer, register)
    peer.send(register)
    assert peer.response_from_agent(200).get("server") == "test"
    (event,) = peer.events()
    assert isinstance(event, BindingsChanged)
    assert event.username == ("bob" if asks else "")
    assert list(store.addresses()) == ["sip:bob@example.com"]
    if asks:
        wrong = register.copy()
        wrong.set("CSeq", "9 REGISTER")
        wrong.set("Via", "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKw")
        peer.send(wrong)  # the same credentials again
        peer.response_from_agent(401)
        (refused,) = peer.events()
        assert isinstance(refused, RegisterRefused)


def test_flow_that_fails_takes_its_bindings_along() -> None:
    """SRV-4: RFC 5626 §7."""
    peer = peer_of(registrar=RegistrarConfig())
    contact = '<sip:bob@192.0.2.2>;reg-id=1;+sip.instance="<urn:uuid:1>"'
    request = peer.request("REGISTER", extra=[("Contact", contact), ("Supported", "outbound, path")])
    peer.send(request)
    peer.response_from_agent(200)
    assert len(peer.agent.lookup("sip:alice@example.com")) == 1
    peer.events()
    peer.agent.flow_failed(BOB, "closed", 1.0)
    (event,) = peer.events()
    assert isinstance(event, BindingsChanged)
    assert peer.agent.lookup("sip:alice@example.com") == []


def test_bindings_outlive_the_agent_in_their_store_and_wake_nobody() -> None:
    """SRV-4, SIM-2: after `close` there is no timer."""
    store = MemoryBindingStore()
    peer = peer_of(registrar=RegistrarConfig(), backends=AgentBackends(store=store))
    peer.send(peer.request("REGISTER", extra=[("Contact", "<sip:bob@192.0.2.2>")]))
    peer.response_from_agent(200)
    peer.events()
    peer.agent.close(1.0)
    peer.send(peer.request("REGISTER", call_id="2", extra=[("Contact", "<sip:c@192.0.2.2>")]))
    peer.response_from_agent(503)
    peer.pass_time(40.0)
    assert peer.agent.deadline is None
    assert peer.agent.closed
    assert len(store) == 1


@pytest.mark.parametrize(
    ("uri", "good"), [("sip:alice@example.com", True), ("sip:boss@example.com", False), ("tel:+1", False)]
)
def test_application_says_who_publishes_for_whom(uri: str, good: bool) -> None:
    """SRV-6: `owns`, as an assistant for the boss."""
    peer = asking(
        AgentBackends(owns=lambda username, aor: (username, aor) == ("bob", "sip:alice@example.com")),
        compositor=CompositorConfig(),
    )
    request = peer.request(
        "PUBLISH", uri=uri, extra=[("Event", "presence"), ("Content-Type", "application/pidf+xml")]
    )
    request.body = b"<presence/>"
    peer.send(again(peer, request))
    peer.response_from_agent(200 if good else 403)
    assert [type(event) for event in peer.events()] == ([StatePublished] if good else [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digest", DigestServerConfig(realm="r", proxy=True)),
        ("methods", frozenset({"INVITE", "ACK"})),
        ("methods", frozenset({"CANCEL"})),
        ("nonce_lifetime", 0.0),
        ("max_nonces", 0),
    ],
)
def test_configuration_names_the_field_at_fault(field: str, value: object) -> None:
    """ERR-1."""
    with pytest.raises(ValueError, match=field):
        AuthenticationConfig(**{"digest": REALM, field: value})  # type: ignore[arg-type]
