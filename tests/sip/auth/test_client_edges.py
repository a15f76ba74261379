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
