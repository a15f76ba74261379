"""Whose certificate it is (RFC 5922 §7)."""

from __future__ import annotations

import pytest

from sansio_sip.resolve import certificate_identities, is_certificate_of


@pytest.mark.parametrize(
    ("names", "common_name", "identities"),
    [
        (
            [("DNS", "Proxy.Example.com"), ("DNS", "b.example")],
            "cn.example",
            ["proxy.example.com", "b.example"],
        ),
        ([("URI", "sip:Example.com"), ("DNS", "proxy.example.com")], "", ["example.com"]),
        ([("URI", "sip:bob@example.com"), ("DNS", "a.example")], "", ["a.example"]),
        ([("URI", "sips:example.com"), ("URI", "https://x.example")], "cn.example", []),
        ([("URI", "sip:[broken"), ("DNS", "a.example")], "", ["a.example"]),
        ([("IP Address", "192.0.2.1"), ("IP Address", "nonsense")], "", ["192.0.2.1"]),
        ([("IP Address", "2001:DB8:0:0:0:0:0:1")], "", ["2001:db8::1"]),
        ([("email", "a@example.com")], "cn.example", []),
        ([], "CN.example", ["cn.example"]),
        ([], "", []),
    ],
)
def test_identities_of_a_certificate(
    names: list[tuple[str, str]], common_name: str, identities: list[str]
) -> None:
    """TRN-3 (§7.1)."""
    assert certificate_identities(names, common_name) == identities


@pytest.mark.parametrize(
    ("identities", "server_name", "same"),
    [
        (["example.com"], "EXAMPLE.com.", True),
        (["example.com."], "example.com", True),
        (["other.example", "example.com"], "example.com", True),
        (["*.example.com"], "sip.example.com", False),
        (["example.com"], "sip.example.com", False),
        (["sip.example.com"], "example.com", False),
        (["2001:db8::1"], "[2001:DB8:0::1]", True),
        (["192.0.2.1"], "192.0.2.10", False),
        ([], "example.com", False),
    ],
)
def test_identity_is_compared_as_a_whole(identities: list[str], server_name: str, *, same: bool) -> None:
    """TRN-3 (§7.2)."""
    assert is_certificate_of(identities, server_name) is same
