"""Digest on the server's side: challenges, verdicts, nonces; and both sides against each other."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.auth import (
    Authenticated,
    ChallengeCause,
    Challenged,
    Credentials,
    DigestClient,
    DigestServer,
    DigestServerConfig,
    Exempt,
    NonceStore,
    NonceUse,
    Secret,
    build_challenge,
    digest_from_hash,
    digest_response,
    hash_user,
    parse_challenge,
)
from sansio_sip.ids import Ids
from sansio_sip.message import Request, Response
from tests.sip.vectors import load

VECTORS: list[dict[str, Any]] = load("digest.json")["vectors"]
REALM = "example.com"


def ids(seed: int = 1) -> Ids:
    return Ids(Random(seed).randbytes)


def lookup(username: str, realm: str) -> Secret | None:
    return Secret("secret") if (username, realm) == ("alice", REALM) else None


def make_server(nonces: NonceStore | None = None, **settings_: Any) -> DigestServer:
    config = DigestServerConfig(**{"realm": REALM, **settings_})
    return DigestServer(config, lookup, NonceStore(ids=ids()) if nonces is None else nonces)


def register(method: str = "REGISTER", body: bytes = b"") -> Request:
    request = Request(method, "sip:example.com", body=body)
    request.add("CSeq", f"1 {method}")
    return request


def challenge(server: DigestServer, request: Request, now: float = 0.0) -> Response:
    """The response that challenges a request."""
    verdict = server.authenticate(request, now)
    assert isinstance(verdict, Challenged)
    response = Response(verdict.status_code, "")
    for name, value in verdict.fields:
        response.add(name, value)
    return response


def client(password: str = "secret", name: str = "alice") -> DigestClient:
    return DigestClient([Credentials(name, password)])


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_server_accepts_what_the_vectors_send(vector: dict[str, Any]) -> None:
    """AUTH-1: RFC 2617 §3.5, RFC 7616 §3.9, RFC 8760: from the hash that a server keeps."""
    expected = vector.get("response", vector.get("response_sha512_256"))
    algorithm = vector["alg"]
    user_hash = hash_user(vector["user"], vector["realm"], vector["pw"], algorithm)
    assert (
        digest_from_hash(
            user_hash,
            method=vector["method"],
            uri=vector["uri"],
            nonce=vector["nonce"],
            algorithm=algorithm,
            qop=vector.get("qop"),
            nc=vector.get("nc", ""),
            cnonce=vector.get("cnonce", ""),
            body=vector.get("body", "").encode(),
        )
        == expected
    )


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
@pytest.mark.parametrize("kept", ["password", "hash"])
@pytest.mark.parametrize("proxy", [False, True])
def test_client_and_server_agree_on_the_vectors(vector: dict[str, Any], kept: str, proxy: bool) -> None:
    """AUTH-1, RFC 8760 §2.6: our client's answer to our server's challenge, for each user and algorithm."""
    algorithm, realm = vector["alg"], vector["realm"]
    name = algorithm.lower().removesuffix("-sess")
    hashes = {name: hash_user(vector["user"], realm, vector["pw"], algorithm)}
    secret = Secret(vector["pw"]) if kept == "password" else Secret(hashes=hashes)
    config = DigestServerConfig(
        realm=realm, algorithms=(algorithm,), qops=(vector.get("qop", "auth"),), proxy=proxy, opaque="o"
    )
    server = DigestServer(
        config, lambda user, _: secret if user == vector["user"] else None, NonceStore(ids=ids())
    )
    phone = DigestClient([Credentials(vector["user"], vector["pw"])])
    request = Request(vector["method"], vector["uri"], body=vector.get("body", "").encode())
    response = challenge(server, request)
    assert response.status_code == (407 if proxy else 401)
    assert phone.authorize(request, response, cnonce="c")
    verdict = server.authenticate(request, 0.0)
    assert verdict == Authenticated(vector["user"], realm, algorithm, vector.get("qop", "auth"))
    request.body += b"!"
    touched = server.authenticate(request, 0.0)
    assert isinstance(touched, Challenged)
    integrity = vector.get("qop") == "auth-int"
    assert touched.cause is (ChallengeCause.WRONG if integrity else ChallengeCause.REPLAYED)


def test_challenges_come_in_order_one_for_each_algorithm() -> None:
    """AUTH-1, RFC 8760 §2.3, §2.6: the most preferred at the top; a qop always; one nonce."""
    server = make_server(algorithms=("SHA-512-256", "SHA-256", "MD5"), qops=("auth", "auth-int"), opaque="o")
    verdict = server.authenticate(register(), 0.0)
    assert isinstance(verdict, Challenged)
    assert verdict.cause is ChallengeCause.MISSING
    assert [name for name, _ in verdict.fields] == ["WWW-Authenticate"] * 3
    challenges = [parse_challenge(value) for _, value in verdict.fields]
    assert [item.algorithm for item in challenges] == ["SHA-512-256", "SHA-256", "MD5"]
    assert len({item.nonce for item in challenges}) == 1
    assert {(item.qop, item.opaque, item.stale, item.realm) for item in challenges} == {
        (("auth", "auth-int"), "o", False, REALM)
    }


def test_the_client_answers_the_strongest_and_the_server_takes_any() -> None:
    """AUTH-1, RFC 8760 §2.3: the server cannot count on the topmost."""
    server = make_server()
    request = register()
    response = challenge(server, request)
    assert client().authorize(request, response, cnonce="c")
    assert "algorithm=SHA-256" in (request.get("authorization") or "")
    assert isinstance(server.authenticate(request, 0.0), Authenticated)
    weak, only_md5 = register(), Response(401, "")
    only_md5.add("WWW-Authenticate", challenge(server, register()).get_all("www-authenticate")[1])
    assert client().authorize(weak, only_md5, cnonce="c")
    verdict = server.authenticate(weak, 0.0)
    assert isinstance(verdict, Authenticated)
    assert verdict.algorithm == "MD5"


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("mallory", "secret")])
def test_a_wrong_password_and_an_unknown_user_look_the_same(name: str, password: str) -> None:
    """AUTH-1: a challenge that is not stale."""
    server, request = make_server(), register()
    assert client(password, name).authorize(request, challenge(server, request), cnonce="c")
    verdict = server.authenticate(request, 0.0)
    assert isinstance(verdict, Challenged)
    assert (verdict.cause, verdict.username, verdict.stale) == (ChallengeCause.WRONG, name, False)


def test_a_user_without_a_hash_of_that_algorithm_is_refused() -> None:
    """AUTH-1: only MD5 is kept, SHA-256 was used."""
    hashes = {"md5": hash_user("alice", REALM, "secret")}
    server = DigestServer(
        DigestServerConfig(realm=REALM), lambda *_: Secret(hashes=hashes), NonceStore(ids=ids())
    )
    request = register()
    assert client().authorize(request, challenge(server, request), cnonce="c")
    assert isinstance(server.authenticate(request, 0.0), Challenged)


def test_the_user_name_may_hold_quotes() -> None:
    """AUTH-1, RFC 7616 §3.4.5: quoting slashes are removed before hashing."""
    name = 'al"i\\ce'
    server = DigestServer(
        DigestServerConfig(realm=REALM),
        lambda user, _: Secret("p") if user == name else None,
        NonceStore(ids=ids()),
    )
    request = register()
    assert client("p", name).authorize(request, challenge(server, request), cnonce="c")
    assert isinstance(server.authenticate(request, 0.0), Authenticated)


def test_an_old_nonce_is_stale_and_the_client_tries_again() -> None:
    """AUTH-1, SES-30, RFC 7616 §3.3: with the right password only."""
    server, phone = make_server(), client()
    request = register()
    response = challenge(server, request)
    assert phone.authorize(request, response, cnonce="c")
    second = challenge(server, request, 301.0)
    assert parse_challenge(second.get_all("www-authenticate")[0]).stale
    assert phone.authorize(request, second, cnonce="d")
    assert isinstance(server.authenticate(request, 301.0), Authenticated)
    wrong = register()
    assert client("x").authorize(wrong, response, cnonce="c")
    verdict = server.authenticate(wrong, 301.0)
    assert isinstance(verdict, Challenged)
    assert not verdict.stale


def test_a_nonce_of_another_server_is_stale() -> None:
    """AUTH-1: after a restart nobody is asked for a password."""
    request = register()
    other = make_server(NonceStore(ids=ids(2)))
    assert client().authorize(request, challenge(other, request), cnonce="c")
    verdict = make_server().authenticate(request, 0.0)
    assert isinstance(verdict, Challenged)
    assert (verdict.cause, verdict.stale) == (ChallengeCause.STALE, True)


def test_servers_with_one_secret_share_their_nonces() -> None:
    """AUTH-1."""
    first, second = (make_server(NonceStore(ids=ids(seed), secret=b"k")) for seed in (1, 2))
    request = register()
    assert client().authorize(request, challenge(first, request), cnonce="c")
    assert isinstance(second.authenticate(request, 0.0), Authenticated)


def test_a_repeated_request_is_not_let_in() -> None:
    """AUTH-1, RFC 7616 §3.4: the nonce count is used once; the next count is good."""
    server, phone, request = make_server(), client(), register()
    response = challenge(server, request)
    assert phone.authorize(request, response, cnonce="c")
    assert isinstance(server.authenticate(request, 0.0), Authenticated)
    verdict = server.authenticate(request, 0.0)
    assert isinstance(verdict, Challenged)
    assert (verdict.cause, verdict.stale) == (ChallengeCause.REPLAYED, True)
    again = register()
    assert phone.authorize(again, response, cnonce="c")
    assert isinstance(server.authenticate(again, 0.0), Authenticated)


def answer(server: DigestServer, **change: str | None) -> Request:
    """A request with hand-made credentials; ``change`` sets or drops parameters."""
    nonce = parse_challenge(challenge(server, register()).get_all("www-authenticate")[0]).nonce
    given = {"username": "alice", "realm": REALM, "nonce": nonce, "uri": "sip:example.com",
             "algorithm": "MD5", "qop": "auth", "nc": "00000001", "cnonce": "c", **change}  # fmt: skip
    present = {name: value for name, value in given.items() if value is not None}
    algorithm, qop = present.get("algorithm"), present.get("qop")
    if "response" not in change:
        known = algorithm if algorithm in ("MD5", "MD5-sess", "SHA-256") else "MD5"
        present["response"] = digest_response(
            username="alice", realm=REALM, password="secret", method="REGISTER", uri=present.get("uri", ""),
            nonce=present.get("nonce", ""), algorithm=known, qop=qop if qop in ("auth", "auth-int") else None,
            nc=present.get("nc", ""), cnonce=present.get("cnonce", ""),
        )  # fmt: skip
    request = register()
    text = ", ".join(f'{name}="{value}"' for name, value in present.items())
    request.add("Authorization", f"Digest {text}")
    return request


def test_a_client_of_rfc_2069_may_use_a_nonce_once() -> None:
    """AUTH-1, RFC 3261 §22.4: no qop, no nc; and it is refused when the server says so."""
    server = make_server()
    request = answer(server, qop=None, nc=None, cnonce=None, algorithm=None)
    assert server.authenticate(request, 0.0) == Authenticated("alice", REALM, "MD5", None)
    verdict = server.authenticate(request, 0.0)
    assert isinstance(verdict, Challenged)
    assert verdict.cause is ChallengeCause.REPLAYED
    strict = make_server(allow_no_qop=False)
    refused = strict.authenticate(answer(strict, qop=None, nc=None, cnonce=None), 0.0)
    assert isinstance(refused, Challenged)


@pytest.mark.parametrize(
    "change",
    [
        {"username": None},
        {"username": ""},
        {"nonce": None},
        {"uri": None},
        {"response": None},
        {"algorithm": "AKAv1-MD5"},
        {"algorithm": "SHA-512-256"},
        {"qop": "auth-int"},
        {"qop": "auth-conf"},
        {"nc": None},
        {"nc": "1"},
        {"nc": "0000000g"},
        {"nc": "00000000"},
        {"cnonce": None},
        {"algorithm": "MD5-sess", "qop": None},
    ],
)
def test_credentials_that_cannot_be_used_are_challenged(change: dict[str, str | None]) -> None:
    """AUTH-1, RFC 7616 §3.4: missing or damaged parameters, algorithms and qops that were not offered."""
    server = make_server(algorithms=("SHA-256", "MD5", "MD5-sess"))
    verdict = server.authenticate(answer(server, **change), 0.0)
    assert isinstance(verdict, Challenged)
    assert (verdict.cause, verdict.stale) == (ChallengeCause.UNUSABLE, False)


@pytest.mark.parametrize(
    "value", ["Basic YWxpY2U6c2VjcmV0", 'Digest realm="other", nonce="x"', "=", "Digest x"]
)
def test_other_schemes_and_realms_are_passed_over(value: str) -> None:
    """AUTH-1, RFC 3261 §22, §22.3: Basic is never accepted; another realm's credentials are not ours."""
    request = register()
    request.add("Authorization", value)
    verdict = make_server().authenticate(request, 0.0)
    assert isinstance(verdict, Challenged)
    assert verdict.cause is ChallengeCause.MISSING


def test_the_right_one_of_several_credentials_counts() -> None:
    """AUTH-1, RFC 3261 §22.3: several for one realm; but not without end."""
    server = make_server()
    good = answer(server).get("authorization") or ""
    bad = good.replace("alice", "bob")
    request = register()
    for value in (bad, bad, bad, good):
        request.add("Authorization", value)
    assert isinstance(server.authenticate(request, 0.0), Authenticated)
    request.insert_first("Authorization", bad)
    assert isinstance(server.authenticate(request, 0.0), Challenged)


def test_the_uri_of_the_credentials_may_be_checked() -> None:
    """AUTH-1, RFC 8760 §2.6, point 6."""
    nonces = NonceStore(ids=ids())
    server = DigestServer(
        DigestServerConfig(realm=REALM), lookup, nonces, serves=lambda uri: uri == "sip:example.com"
    )
    assert isinstance(server.authenticate(answer(server), 0.0), Authenticated)
    assert isinstance(server.authenticate(answer(server, uri="sip:evil"), 0.0), Challenged)


@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_ack_and_cancel_are_never_challenged(method: str) -> None:
    """RFC 3261 §22.1."""
    assert make_server().authenticate(register(method), 0.0) == Exempt()


def test_integrity_covers_an_empty_body() -> None:
    """RFC 8760 §2.6, point 7: the hash of nothing."""
    server, request = make_server(qops=("auth-int",)), register()
    assert client().authorize(request, challenge(server, request), cnonce="c")
    assert isinstance(server.authenticate(request, 0.0), Authenticated)


def test_nothing_secret_is_shown() -> None:
    """AUTH-1: secrets are never logged."""
    assert "secret" not in repr(Secret("secret", {"md5": "secret"})) + repr(make_server())


# Nonces


def test_counts_may_overtake_each_other_within_the_window() -> None:
    """AUTH-1: the replay window is a bitmap below the highest count."""
    store = NonceStore(ids=ids(), window=8)
    nonce = store.issue(0.0)
    uses = [store.use(nonce, count, 0.0) for count in (1, 5, 3, 3, 5, 20, 12, 13, 13, 20, 19)]
    good, bad = NonceUse.GOOD, NonceUse.REPLAYED
    assert uses == [good, good, good, bad, bad, good, bad, good, bad, bad, good]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 200), max_size=60))
def test_no_count_is_good_twice(counts: list[int]) -> None:
    """AUTH-1: whatever the order; and a count that rises is always good."""
    store = NonceStore(ids=ids(), window=16)
    nonce = store.issue(0.0)
    good: list[int] = []
    for count in counts:
        verdict = store.use(nonce, count, 0.0)
        if not good or count > max(good):
            assert verdict is NonceUse.GOOD
        if verdict is NonceUse.GOOD:
            assert count not in good
            good.append(count)


@pytest.mark.parametrize("nonce", ["", "0" * 60, "é" * 60, "x"])
def test_a_made_up_nonce_is_stale(nonce: str) -> None:
    """AUTH-1, law 5."""
    assert NonceStore(ids=ids()).use(nonce, 1, 0.0) is NonceUse.STALE


def test_a_changed_nonce_is_stale() -> None:
    """AUTH-1: nobody can make a nonce younger."""
    store = NonceStore(ids=ids())
    nonce = store.issue(1.0)
    for index in (0, 11, 12, 30, 59):
        digit = "0" if nonce[index] != "0" else "1"
        assert store.use(nonce[:index] + digit + nonce[index + 1 :], 1, 1.0) is NonceUse.STALE


def test_time_that_goes_back_counts_as_the_last_seen() -> None:
    """Law 3."""
    store = NonceStore(ids=ids(), lifetime=10)
    nonce = store.issue(0.0)
    store.issue(11.0)
    assert store.use(nonce, 1, 0.0) is NonceUse.STALE


def test_challenges_take_no_memory_and_what_does_is_bounded() -> None:
    """AUTH-1, law 8: a flood of strangers; and no forgotten nonce can be used again."""
    store = NonceStore(ids=ids(), max_nonces=10)
    nonces = [store.issue(float(i)) for i in range(100)]
    assert len(store) == 0
    assert all(store.use(nonce, 1, 100.0) is NonceUse.GOOD for nonce in nonces)
    assert (len(store), store.evicted) == (10, 90)
    assert "used=10" in repr(store)
    assert {store.use(nonce, 1, 100.0) for nonce in nonces[:90]} == {NonceUse.STALE}
    assert {store.use(nonce, 1, 100.0) for nonce in nonces[90:]} == {NonceUse.REPLAYED}
    assert store.use(store.issue(101.0), 1, 101.0) is NonceUse.GOOD


def test_what_has_run_out_is_dropped_first() -> None:
    """AUTH-1, law 8: without counting it as evicted, and at its next use."""
    store = NonceStore(ids=ids(), lifetime=10, max_nonces=1)
    old = store.issue(0.0)
    assert store.use(old, 1, 0.0) is NonceUse.GOOD
    assert store.use(store.issue(11.0), 1, 11.0) is NonceUse.GOOD
    assert (len(store), store.evicted) == (1, 0)
    assert store.use(store.issue(11.5), 1, 30.0) is NonceUse.STALE


@pytest.mark.parametrize("change", [{"lifetime": 0.0}, {"window": 0}, {"max_nonces": 0}])
def test_a_store_without_room_is_refused(change: dict[str, Any]) -> None:
    """AUTH-1."""
    with pytest.raises(ValueError, match="above zero"):
        NonceStore(ids=ids(), **change)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"realm": ""}, "realm"),
        ({"realm": 'a"b'}, "realm"),
        ({"realm": "a\\b"}, "realm"),
        ({"realm": "a\r\nb"}, "realm"),
        ({"opaque": '"'}, "opaque"),
        ({"algorithms": ()}, "algorithms"),
        ({"algorithms": ("AKAv1-MD5",)}, "algorithms"),
        ({"algorithms": ("MD5", "md5")}, "algorithms"),
        ({"qops": ()}, "qops"),
        ({"qops": ("auth-conf",)}, "qops"),
        ({"max_credentials": 0}, "max_credentials"),
    ],
)
def test_a_bad_configuration_names_its_field(change: dict[str, Any], field: str) -> None:
    """AUTH-1."""
    with pytest.raises(ValueError, match=field):
        DigestServerConfig(**{"realm": REALM, **change})


@pytest.mark.parametrize("name", ["MD5", "sha-1", "md5-sess"])
def test_a_secret_names_its_algorithms_in_one_way(name: str) -> None:
    """AUTH-1."""
    with pytest.raises(ValueError, match="hashes"):
        Secret(hashes={name: "x"})


def test_a_challenge_is_written_as_it_is_read() -> None:
    """AUTH-1, RFC 7616 §3.3: which parameters are quoted."""
    text = build_challenge("r", "n", algorithm="MD5", qops=("auth",), opaque="o", stale=True)
    assert text == 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth", opaque="o", stale=true'
