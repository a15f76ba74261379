"""The client's answers in rare cases: old servers, damaged headers."""

from __future__ import annotations

from sansio_sip.auth import Credentials, DigestClient, digest_response
from sansio_sip.message import Request, Response


def challenged(value: str) -> Response:
    response = Response(401, "")
    response.fields.append(("www-authenticate", "WWW-Authenticate", value))
    return response


def test_a_session_algorithm_without_qop_still_has_a_cnonce() -> None:
    """AUTH-1, RFC 3261 §22.4, point 8: a server that breaks the rule is answered all the same."""
    request = Request("REGISTER", "sip:h")
    client = DigestClient([Credentials("a", "p")])
    assert client.authorize(
        request, challenged('Digest realm="r", nonce="n", algorithm=MD5-sess'), cnonce="c"
    )
    value = request.get("authorization") or ""
    expected = digest_response(
        username="a", realm="r", password="p", method="REGISTER", uri="sip:h", nonce="n",
        algorithm="MD5-sess", cnonce="c",
    )  # fmt: skip
    assert f'response="{expected}"' in value
    assert value.endswith('cnonce="c"')


def test_what_could_not_be_sent_back_is_passed_over() -> None:
    """AUTH-1, MSG-9: a NUL in a challenge."""
    request = Request("REGISTER", "sip:h")
    client = DigestClient([Credentials("a", "p")])
    assert not client.authorize(request, challenged('Digest realm="r\0", nonce="n"'), cnonce="c")


def test_damaged_credentials_in_the_request_are_no_obstacle() -> None:
    """AUTH-1, law 5."""
    request = Request("REGISTER", "sip:h")
    request.add("Authorization", "Digest x")
    client = DigestClient([Credentials("a", "p")])
    assert client.authorize(request, challenged('Digest realm="r", nonce="n", qop="auth"'), cnonce="c")


def test_what_goes_along_for_another_server_is_counted_anew() -> None:
    """AUTH-1, RFC 7616 §3.4: the first of two proxies sees its nonce again, and takes no count twice."""
    request = Request("INVITE", "sip:h")
    client = DigestClient([Credentials("a", "p")])
    for realm in ("one", "two"):
        challenge = f'Digest realm="{realm}", nonce="{realm}", qop="auth"'
        response = Response(407, "", [("proxy-authenticate", "Proxy-Authenticate", challenge)])
        assert client.authorize(request, response, cnonce=realm)
    first, second = request.get_all("proxy-authorization")
    assert 'realm="one"' in first
    assert "nc=00000002" in first
    assert 'cnonce="two"' in first
    assert 'realm="two"' in second
    assert "nc=00000001" in second
    expected = digest_response(
        username="a", realm="one", password="p", method="INVITE", uri="sip:h", nonce="one", qop="auth",
        nc="00000002", cnonce="two",
    )  # fmt: skip
    assert f'response="{expected}"' in first


def test_what_cannot_be_counted_goes_along_as_it_is() -> None:
    """AUTH-1, RFC 3261 §22.4: the form of RFC 2069, and credentials of somebody else."""
    client = DigestClient([Credentials("a", "p", realm="one"), Credentials("a", "p", realm="two")])
    request = Request("INVITE", "sip:h")
    old = Response(407, "", [("proxy-authenticate", "Proxy-Authenticate", 'Digest realm="one", nonce="1"')])
    assert client.authorize(request, old, cnonce="c")
    request.add("Proxy-Authorization", 'Digest username="x", realm="three", nonce="3", qop=auth')
    before = request.get_all("proxy-authorization")
    new = 'Digest realm="two", nonce="2", qop="auth"'
    response = Response(407, "", [("proxy-authenticate", "Proxy-Authenticate", new)])
    assert client.authorize(request, response, cnonce="d")
    assert request.get_all("proxy-authorization")[:2] == before
