"""User names that nobody on the path can read (RFC 7616 §3.4.4)."""

from __future__ import annotations

import hashlib

import pytest

from sansio_sip.auth import (
    Authenticated,
    ChallengeCause,
    Challenged,
    DigestServer,
    DigestServerConfig,
    HashedNames,
    NonceStore,
    build_challenge,
    hash_username,
    parse_challenge,
)
from sansio_sip.message import Request, Response
from tests.sip.auth.test_server import REALM, challenge, client, ids, lookup, register

ALGORITHMS = ("MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256")


def hiding_server(*algorithms: str) -> DigestServer:
    config = DigestServerConfig(realm=REALM, algorithms=algorithms or ("SHA-256", "MD5"))
    return DigestServer(config, lookup, NonceStore(ids=ids()), find_user=HashedNames(REALM, ["bob", "alice"]))


def answered(server: DigestServer, name: str = "alice", password: str = "secret") -> Request:
    request = register()
    assert client(password, name).authorize(request, challenge(server, request), cnonce="c")
    return request


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_name_is_hidden_and_found(algorithm: str) -> None:
    """AUTH-1: both sides, every algorithm; the name is nowhere in the request."""
    server = hiding_server(algorithm)
    request = answered(server)
    (value,) = request.get_all("authorization")
    assert "alice" not in value
    assert hash_username("alice", REALM, algorithm) in value
    assert "userhash=true" in value
    assert server.authenticate(request, 1.0) == Authenticated("alice", REALM, algorithm, "auth")


def test_hash_is_that_of_name_and_realm() -> None:
    """AUTH-1: RFC 7616 §3.4.4: H(name:realm), in lower-case hexadecimal digits."""
    expected = hashlib.sha256(f"J\u00e4s\u00f8n Doe:{REALM}".encode()).hexdigest()
    assert hash_username("J\u00e4s\u00f8n Doe", REALM, "SHA-256") == expected
    assert hash_username("a", "b") == hashlib.md5(b"a:b").hexdigest()


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("mallory", "secret")])
def test_wrong_password_and_unknown_user_look_the_same(name: str, password: str) -> None:
    """AUTH-1."""
    server = hiding_server()
    verdict = server.authenticate(answered(server, name, password), 1.0)
    assert isinstance(verdict, Challenged)
    assert verdict.cause is ChallengeCause.WRONG


def test_old_client_may_still_show_the_name() -> None:
    """AUTH-1: a client that ignores ``userhash`` answers as ever."""
    server = hiding_server()
    response = challenge(server, register())
    plain = Response(401, "")
    for value in response.get_all("www-authenticate"):
        assert value.endswith("userhash=true")
        plain.add("WWW-Authenticate", value.removesuffix(", userhash=true"))
    request = register()
    assert client().authorize(request, plain, cnonce="c")
    assert "alice" in (request.get("authorization") or "")
    assert isinstance(server.authenticate(request, 1.0), Authenticated)


def test_server_that_cannot_find_users_refuses_hashes() -> None:
    """AUTH-1: it has not offered to take them."""
    plain = DigestServer(DigestServerConfig(realm=REALM), lookup, NonceStore(ids=ids()))
    verdict = plain.authenticate(answered(hiding_server()), 1.0)
    assert isinstance(verdict, Challenged)
    assert verdict.cause is ChallengeCause.WRONG


def test_hash_by_an_algorithm_that_was_not_offered_is_not_looked_up() -> None:
    """AUTH-1."""
    verdict = hiding_server("SHA-256").authenticate(answered(hiding_server("MD5")), 1.0)
    assert isinstance(verdict, Challenged)
    assert verdict.cause is ChallengeCause.UNUSABLE


def test_names_of_another_realm_are_not_known() -> None:
    """AUTH-1."""
    names = HashedNames(REALM, ["alice"])
    assert names(hash_username("alice", REALM, "MD5").upper(), REALM, "MD5-sess") == "alice"
    assert names(hash_username("bob", REALM, "MD5"), REALM, "MD5") is None  # from what was hashed before
    assert names(hash_username("alice", "x", "MD5"), "x", "MD5") is None


def test_challenge_tells_that_hashes_are_taken() -> None:
    """AUTH-1: written, read, and false by default."""
    built = build_challenge(REALM, "n", algorithm="MD5", qops=("auth",), userhash=True)
    assert parse_challenge(built).userhash
    assert not parse_challenge(built.replace("true", "false")).userhash
    assert not parse_challenge(build_challenge(REALM, "n", algorithm="MD5", qops=("auth",))).userhash
