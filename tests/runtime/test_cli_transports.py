"""Which transports the command line opens, and calls over them between two processes' worth of it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from tests.runtime.certificates import Authority
from trio_runtime.cli import main
from trio_runtime.cli.flags.transports import server_transports, transports_to


def options(**given: object) -> Namespace:
    base: dict[str, object] = {"tls_certificate": None, "tls_authorities": None, "tls_no_verify": False}
    return Namespace(**{**base, **given})


@pytest.mark.parametrize(
    ("uri", "listen", "connect"),
    [
        ("sip:bob@example.com", ("udp",), ()),
        ("sip:bob@example.com;transport=udp", ("udp",), ()),
        ("sip:bob@example.com;transport=TCP", ("tcp", "udp"), ()),
        ("sip:bob@example.com;transport=tls", ("udp",), ("tls",)),
        ("sips:bob@example.com", ("udp",), ("tls",)),
        ("sips:bob@example.com;transport=tcp", ("udp",), ("tls",)),
        ("sip:bob@example.com;transport=ws", ("udp",), ("ws",)),
        ("sips:bob@example.com;transport=ws", ("udp",), ("wss",)),
    ],
)
def test_uri_decides_what_is_opened(uri: str, listen: tuple[str, ...], connect: tuple[str, ...]) -> None:
    """CLI-1, TRN-5."""
    found = transports_to(uri, options())
    assert (found.listen, found.connect) == (listen, connect)
    assert found.tls.verify


def test_certificate_makes_us_listen_for_tls_as_well(tmp_path: Path) -> None:
    """CLI-1, TRN-3."""
    certificate = Authority(tmp_path).issue("alice.example")
    found = transports_to("sips:bob@example.com", options(tls_certificate=certificate, tls_no_verify=True))
    assert (found.listen, found.connect) == (("tls", "udp"), ())
    assert not found.tls.verify
    served = server_transports(options(listen=["tcp", "tls"], tls_certificate=certificate))
    assert served.listen == ("tcp", "tls")
    assert server_transports(options(listen=None)).listen == ("udp",)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["serve", "--listen", "sctp"], "sctp"),
        (["serve", "--listen", "tls"], "needs a certificate"),
        (["serve", "--listen", "tls", "--tls-certificate", "/no/such.pem"], "--tls-certificate"),
        (["call", "sips:bob@127.0.0.1", "--tls-authorities", "/no/such.pem"], "--tls-authorities"),
    ],
)
def test_mistake_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
) -> None:
    """CLI-1."""
    status = main(arguments)
    lines = capsys.readouterr().err.splitlines()
    assert status == 2
    assert len(lines) == 1
    assert hint in lines[0]
