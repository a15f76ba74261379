"""Digest: the computation, challenges, and when another try is made."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.auth import Challenge, Credentials, DigestClient, digest_response, parse_challenge
from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.message import Request, Response
from tests.sip.vectors import load

VECTORS: list[dict[str, Any]] = load("digest.json")["vectors"]
BOB = Credentials("bob", "zanzibar")


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_the_response_is_computed(vector: dict[str, Any]) -> None:
    """AUTH-1: MD5, SHA-256, SHA-512-256, -sess, auth, auth-int, no qop."""
    assert digest_response(
        username=vector["user"],
        realm=vector["realm"],
        password=vector["pw"],
        method=vector["method"],
        uri=vector["uri"],
        nonce=vector["nonce"],
        algorithm=vector["alg"],
        qop=vector.get("qop"),
        nc=vector.get("nc", ""),
        cnonce=vector.get("cnonce", ""),
        body=vector.get("body", "").encode(),
    ) == vector.get("response", vector.get("response_sha512_256"))


@pytest.mark.parametrize("change", [{"algorithm": "AKAv1-MD5"}, {"qop": "auth-conf"}])
def test_an_unknown_algorithm_or_qop_is_the_callers_mistake(change: dict[str, str]) -> None:
    """AUTH-1."""
    with pytest.raises(LocalProtocolError):
        digest_response(
            username="a",
            realm="r",
            password="p",
            method="M",
            uri="u",
            nonce="n",
            algorithm=change.get("algorithm"),
            qop=change.get("qop"),
        )


def test_a_challenge_is_read() -> None:
    """AUTH-1: quotes, case, lists, a missing comma as RFC 3665 §2.1 prints it."""
    text = (
        'digest REALM="a, \\"b\\"" nonce="n1",, qop="auth, auth-int" ,stale=TRUE, '
        'algorithm=SHA-256, opaque=""'
    )
    assert parse_challenge(text) == Challenge(
        "digest", 'a, \\"b\\"', "n1", "", "SHA-256", ("auth", "auth-int"), stale=True
    )


@pytest.mark.parametrize(
    "text",
    ["", "Digest", 'Digest realm="r"', 'Digest nonce="n"', 'Digest realm="r, nonce=n', "Digest =,", ", x"],
)
def test_a_damaged_challenge_is_refused(text: str) -> None:
    """AUTH-1, MSG-9."""
    with pytest.raises(ParseError):
        parse_challenge(text)


def test_other_schemes_are_named_and_left_alone() -> None:
    """AUTH-2."""
    assert parse_challenge("Bearer abc==").scheme == "bearer"
    assert not client().authorize(register(), challenge("Bearer abc=="), cnonce="c")


def register() -> Request:
    return Request("REGISTER", "sip:biloxi.example.com")


def client(*credentials: Credentials) -> DigestClient:
    return DigestClient(credentials or (BOB,))


def challenge(*values: str, proxy: bool = False) -> Response:
    response = Response(407 if proxy else 401, "")
    for value in values:
        response.add("Proxy-Authenticate" if proxy else "WWW-Authenticate", value)
    return response


def digest(nonce: str = "n1", realm: str = "r", more: str = ', qop="auth"') -> str:
    return f'Digest realm="{realm}", nonce="{nonce}"{more}'


def test_a_401_is_answered_with_every_parameter() -> None:
    """AUTH-1: against a vector computed by hand."""
    request = register()
    text = digest(
        "ea9c8e88df84f1cec4341ae6cbe5a359",
        "biloxi.example.com",
        ', qop="auth,x", algorithm=SHA-256, opaque="o"',
    )
    assert client().authorize(request, challenge(text), cnonce="abcDEF")
    expected = digest_response(
        username="bob",
        realm="biloxi.example.com",
        password="zanzibar",
        method="REGISTER",
        uri="sip:biloxi.example.com",
        nonce="ea9c8e88df84f1cec4341ae6cbe5a359",
        algorithm="SHA-256",
        qop="auth",
        nc="00000001",
        cnonce="abcDEF",
    )
    assert request.get_all("authorization") == [
        'Digest username="bob", realm="biloxi.example.com", nonce="ea9c8e88df84f1cec4341ae6cbe5a359", '
        f'uri="sip:biloxi.example.com", response="{expected}", algorithm=SHA-256, opaque="o", '
        'cnonce="abcDEF", qop=auth, nc=00000001'
    ]


def test_the_form_of_rfc_2069_has_no_count() -> None:
    """AUTH-1: MD5 without qop."""
    request = register()
    request.uri = "sips:ss2.biloxi.example.com"
    text = digest("ea9c8e88df84f1cec4341ae6cbe5a359", "biloxi.example.com", "")
    assert client().authorize(request, challenge(text), cnonce="c")
    value = request.get("authorization") or ""
    assert 'response="971ec81f1db8e9a41862a40415654d96"' in value
    assert "nc=" not in value
    assert "cnonce" not in value


def test_a_407_is_answered_in_its_own_header() -> None:
    """AUTH-1."""
    request = register()
    assert client().authorize(request, challenge(digest(), proxy=True), cnonce="c")
    assert request.get("authorization") is None
    assert request.get("proxy-authorization") is not None


def test_the_topmost_supported_challenge_is_answered() -> None:
    """AUTH-1 (RFC 8760 §2.4): unreadable and unknown ones are passed over."""
    request = register()
    response = challenge(
        "Digest broken=",
        digest(more=", algorithm=AKAv1-MD5"),
        digest(more=', qop="auth-conf"'),
        digest("n2", more=', algorithm=SHA-256, qop="auth-int"'),
        digest("n3", more=", algorithm=MD5"),
    )
    assert client().authorize(request, response, cnonce="c")
    (value,) = request.get_all("authorization")
    assert 'nonce="n2"' in value
    assert "qop=auth-int" in value


def test_each_realm_is_answered_with_its_own_credentials() -> None:
    """AUTH-1: and no other realm sees them."""
    request = register()
    users = (Credentials("one", "p", "r1"), Credentials("two", "p", "r2"))
    response = challenge(digest(realm="r1"), digest(realm="r2"), digest(realm="r3"), proxy=True)
    assert client(*users).authorize(request, response, cnonce="c")
    values = request.get_all("proxy-authorization")
    assert [value.partition(",")[0] for value in values] == ['Digest username="one"', 'Digest username="two"']
    assert not client(*users).authorize(register(), challenge(digest(realm="r3")), cnonce="c")


def test_the_nonce_is_counted_over_requests() -> None:
    """AUTH-1: nc grows with each use of the same nonce."""
    phone, counts = client(), []
    for nonce in ("n1", "n1", "n2", "n1"):
        request = register()
        assert phone.authorize(request, challenge(digest(nonce)), cnonce="c")
        counts.append((request.get("authorization") or "")[-8:])
    assert counts == ["00000001", "00000002", "00000001", "00000003"]


@pytest.mark.parametrize("second", [digest("n1"), digest("n2")])
def test_a_refused_password_is_not_tried_again(second: str) -> None:
    """AUTH-1: with the same nonce or a fresh one; the request stays as it was."""
    phone, request = client(), register()
    assert phone.authorize(request, challenge(digest()), cnonce="c")
    before = list(request.fields)
    assert not phone.authorize(request, challenge(second), cnonce="c")
    assert request.fields == before


def test_a_stale_nonce_is_replaced_but_not_for_ever() -> None:
    """AUTH-1: stale."""
    phone, request = client(), register()
    assert phone.authorize(request, challenge(digest("n0")), cnonce="c")
    results = [
        phone.authorize(request, challenge(digest(f"n{i}", more=', qop="auth", stale=true')), cnonce="c")
        for i in range(1, 6)
    ]
    assert results == [True, True, True, False, False]
    (value,) = request.get_all("authorization")
    assert 'nonce="n3"' in value


def test_a_nonce_that_worked_before_may_run_out_without_stale() -> None:
    """AUTH-1: registrars that change their nonce and say nothing."""
    phone = client()
    for _ in range(2):
        request = register()
        assert phone.authorize(request, challenge(digest("n1")), cnonce="c")
    assert phone.authorize(request, challenge(digest("n2")), cnonce="c")
    assert not phone.authorize(request, challenge(digest("n3")), cnonce="c")


def test_the_password_is_not_shown() -> None:
    """AUTH-1: secrets are never logged."""
    assert "zanzibar" not in repr(BOB) + repr(client())


def test_a_user_name_that_could_start_a_header_is_refused() -> None:
    """MSG-9."""
    with pytest.raises(ValueError, match="username"):
        Credentials("bob\r\nX: y", "p")


def test_a_server_cannot_fill_memory_with_nonces() -> None:
    """AUTH-1: what is remembered is bounded."""
    phone = client()
    for i in range(500):
        assert phone.authorize(register(), challenge(digest(f"n{i}", f"r{i}")), cnonce="c")
    assert "nonces=64" in repr(phone)
