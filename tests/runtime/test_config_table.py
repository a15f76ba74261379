"""Every configuration field and every option has a mistake that is told in one line (COO-6, ERR-1)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest

from tests.runtime.certificates import Authority
from trio_runtime.base.account_config import Account
from trio_runtime.base.capture_config import CaptureConfig
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.base.limits_config import LimitsConfig
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.presence_config import PresenceConfig
from trio_runtime.base.registrar_config import RegistrarConfig
from trio_runtime.base.requests_config import RequestsConfig
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.cli import main
from trio_runtime.cli.arguments import _VERBS, parse_arguments
from trio_runtime.cli.flags.configuring import base_config
from trio_runtime.cli.parser import OneLineParser
from trio_runtime.cli.verbs.serve import _config

BAD: dict[type, dict[str, Any]] = {
    CoordinatorConfig: {
        "uri": "bob",
        "display_name": "a\nb",
        "bind_host": "",
        "sip_port": 65_536,
        "listen": ["carrier-pigeon"],
        "connect": ["udp"],
        "tls": 1,
        "flows": 1,
        "advertised_host": "",
        "username": "a\r\nb",
        "password": 5,
        "realm": "",
        "outbound_proxy": "http://proxy",
        "stun_server": "stun.example.com:0",
        "accounts": [1],
        "max_registrations": 0,
        "max_ringing": 0,
        "session_interval": 1,
        "requests": 1,
        "on_network_change": "panic",
        "recovery_probes": -1,
        "inbound": 1,
        "registrar": 1,
        "presence": 1,
        "drain_grace": -1,
        "max_sessions": 0,
        "limits": 1,
        "max_redirects": 0.5,
        "receive_buffer": 1,
        "user_agent": "",
        "t1": 0,
        "t2": 100,
        "t4": "soon",
        "media": 1,
        "no_media": "perhaps",
        "trace_messages": -1,
        "capture": 1,
    },
    Account: {
        "uri": "sip:example.com",
        "display_name": "a\nb",
        "username": "",
        "password": 5,
        "realm": "",
        "registrar": "sip:a@example.com",
        "outbound_proxy": "proxy",
        "edges": ["edge"],
        "outbound": "perhaps",
        "instance": "me",
        "expires": 0,
        "retry_base": 0,
    },
    RequestsConfig: {
        "content_types": ["Text"],
        "methods": ["INVITE"],
        "answer_patience": 0,
        "max_waiting": 0,
    },
    InboundConfig: {
        "realm": "",
        "users": 5,
        "trusted_hosts": ["home"],
    },
    RegistrarConfig: {
        "domains": [],
        "realm": "",
        "users": 5,
        "registry": "a database",
        "anonymous": "perhaps",
        "algorithms": ["ROT13"],
        "owns": "all",
        "decide": "never",
        "store": "mysql:x",
        "store_patience": 0,
        "min_expires": 0,
        "default_expires": 0,
        "max_expires": 0,
        "max_contacts": 0,
        "max_addresses": 0,
    },
    PresenceConfig: {
        "domains": ["a\nb"],
        "packages": ["weather"],
        "publish": "perhaps",
        "automatic": "perhaps",
        "may_watch": "everybody",
        "max_subscriptions": 0,
        "max_publications": 0,
        "max_states": 0,
    },
    MediaConfig: {
        "ports": [20_000, 10_000],
        "codecs": [],
        "sample_rate": 9_000,
        "ptime_ms": 15,
        "jitter_min_ms": -1,
        "jitter_max_ms": 1,
        "dtmf": "perhaps",
        "comfort_noise": 2,
        "inband_dtmf": "perhaps",
        "redundancy": "perhaps",
        "rtcp_xr": "perhaps",
        "rtp_timeout": 0,
        "on_rtp_timeout": "cry",
        "relatch_after": 0,
        "dscp": 64,
        "relay_mode": "slow",
        "srtp": "always",
        "srtp_suites": ["ROT13"],
    },
    TlsConfig: {
        "certificate": "no-such-file.pem",
        "key": "key-without-certificate.pem",
        "key_password": 5,
        "more_certificates": [["example.com"]],
        "authorities": "no-such-file.pem",
        "verify": "perhaps",
        "client_certificates": "some",
    },
    FlowConfig: {
        "max_flows": 0,
        "max_flows_per_source": 0,
        "max_queued": 1,
        "max_malformed": -1,
        "connect_timeout": 0,
        "silent_timeout": 0,
        "message_timeout": 0,
        "send_timeout": "long",
        "idle_timeout": 0,
        "keep_alive": 0,
        "datagram_keep_alive": 0,
        "pong_timeout": 0,
        "websocket_path": "ws",
        "websocket_origins": ["example.com"],
    },
    LimitsConfig: {
        "calls_per_second": 0,
        "burst": 0,
        "max_queue_time": 0,
        "max_sessions_per_source": 0,
        "calls_per_second_per_source": 0,
        "requests_per_second_per_source": "many",
        "max_sessions_per_user": 1.5,
        "trusted": ["everybody"],
        "priority_from": ["everybody"],
        "scanners": ["scanner", ""],
        "ban_after": -1,
        "ban_time": 0,
        "max_sources": 0,
        "retry_after": -1,
        "slow_handler": 0,
    },
    CaptureConfig: {
        "path": "",
        "media": "perhaps",
        "decrypt": "perhaps",
        "redact": "perhaps",
        "max_waiting": 0,
    },
}
NEEDED: dict[type, dict[str, Any]] = {
    CaptureConfig: {"path": "x.pcapng"},
    Account: {"uri": "sip:alice@example.com"},
    InboundConfig: {"realm": "example.com"},
    RegistrarConfig: {"domains": ("example.com",), "anonymous": True},
}
SECRETS = {"password", "key_password"}
"""Any text is one, and in the environment there is nothing else. Accounts stand in files only."""


def nested(kind: type, path: str = "") -> Iterator[tuple[str, type]]:
    """The configuration classes with the tables that they stand in."""
    yield path, kind
    hints = get_type_hints(kind)
    for field in attrs.fields(kind):
        hint = hints[field.name]
        for each in (hint, *get_args(hint)):
            if isinstance(each, type) and attrs.has(each):
                yield from nested(each, f"{path}{field.name}.")


CLASSES = list(nested(CoordinatorConfig))
FIELDS = [(path, kind, field.name) for path, kind in CLASSES for field in attrs.fields(kind)]
IDS = [f"{path}{name}" for path, _, name in FIELDS]


def as_value(value: Any) -> Any:
    return tuple(map(as_value, value)) if isinstance(value, list) else value


def refused(error: ConfigurationError, *names: str) -> None:
    text = str(error)
    assert "\n" not in text
    for name in names:
        assert name in text
    assert text.startswith(names[0])


@pytest.mark.parametrize(("path", "kind", "name"), FIELDS, ids=IDS)
def test_bad_value_is_told_with_the_field(path: str, kind: type, name: str) -> None:
    """COO-6, ERR-1: a field without a row in the table fails here."""
    with pytest.raises(ConfigurationError) as caught:
        kind(**{**NEEDED.get(kind, {}), name: as_value(BAD[kind][name])})
    assert caught.value.field == name
    refused(caught.value, name)


@pytest.mark.parametrize(("path", "kind", "name"), FIELDS, ids=IDS)
def test_bad_value_in_a_file_is_told_with_file_and_key(
    tmp_path: Path, path: str, kind: type, name: str
) -> None:
    """COO-6: one line that names file, table and field."""
    values = {**NEEDED.get(kind, {}), name: BAD[kind][name]}
    table = f"[{path[:-1]}]\n" if path else ""
    if kind is Account:
        table, path = "[[accounts]]\n", "accounts[0]."
    file = tmp_path / "config.toml"
    file.write_text(table + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig.from_toml(file)
    # What is wrong with an element of a list is told with its number.
    where = f"{file}: {path}{name}"
    assert str(caught.value).startswith((f"{where}: ", f"{where}[0]: "))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        pytest.param(*row, id=name)
        for row, name in zip(FIELDS, IDS, strict=True)
        if row[2] not in SECRETS and row[1] is not Account
    ],
)
def test_bad_value_in_the_environment_is_told_with_its_variable(path: str, kind: type, name: str) -> None:
    """COO-6: tables and fields are told apart by two underscores."""
    bad = BAD[kind][name]
    names = {
        key: f"SANSIO_{path.upper().replace('.', '__')}{key.upper()}" for key in (*NEEDED.get(kind, {}), name)
    }
    variables = {names[key]: str(value) for key, value in NEEDED.get(kind, {}).items()}
    variables[names[name]] = ",".join(map(str, bad)) if isinstance(bad, list) else str(bad)
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig.from_environment(environment=variables)
    refused(caught.value, names[name])


def test_table_has_no_row_too_many() -> None:
    """COO-6: every row is a field that exists."""
    assert {kind for _, kind in CLASSES} == set(BAD)
    for kind, rows in BAD.items():
        assert set(rows) == {field.name for field in attrs.fields(kind)}


# Loading


def test_file_environment_and_base_are_laid_over_each_other(tmp_path: Path) -> None:
    """COO-6: the later before the earlier, in tables field by field."""
    file = tmp_path / "config.toml"
    file.write_text(
        'uri = "sip:a@example.com"\nlisten = ["udp", "tcp"]\nt1 = 1\n'
        '[media]\nports = [30000, 30100]\nptime_ms = 40\nrtp_timeout = 30\n[capture]\npath = "a.pcapng"\n'
    )
    base = CoordinatorConfig(sip_port=5_070, media=MediaConfig(dscp=0))
    loaded = CoordinatorConfig.from_toml(file, base=base)
    variables = {
        "SANSIO_MEDIA__PTIME_MS": "30",
        "SANSIO_MEDIA__RTP_TIMEOUT": "none",
        "SANSIO_LISTEN": "udp://:5060, ws://:8080",
        "SANSIO_NO_MEDIA": "On",
        "SANSIO_PASSWORD": "12345",
        "SANSIO_LIMITS__CALLS_PER_SECOND": "2.5",
        "SANSIO_LIMITS__TRUSTED": "",
        "SANSIO_CAPTURE__MEDIA": "yes",
        "PATH": "/bin",
    }
    config = CoordinatorConfig.from_environment(base=loaded, environment=variables)
    assert (config.uri, config.sip_port, config.t1, config.no_media) == ("sip:a@example.com", 5_070, 1, True)
    assert config.listen == ("udp://:5060", "ws://:8080")
    assert config.password == "12345"
    assert config.media == MediaConfig(ports=(30_000, 30_100), ptime_ms=30, dscp=0)
    assert config.limits == LimitsConfig(calls_per_second=2.5)
    assert config.capture == CaptureConfig(path="a.pcapng", media=True)


def test_certificates_of_several_domains_come_from_a_file(tmp_path: Path) -> None:
    """COO-6, TRN-4: lists in lists."""
    certificate = Authority(tmp_path).issue("alice.example")
    file = tmp_path / "config.toml"
    rows = json.dumps([["bob.example", str(certificate), str(certificate)]])
    file.write_text(f"[tls]\ncertificate = {json.dumps(str(certificate))}\nmore_certificates = {rows}\n")
    config = CoordinatorConfig.from_toml(file)
    assert config.tls.more_certificates == (("bob.example", str(certificate), str(certificate)),)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param(
            "sip_prot = 1", "sip_prot: there is no such field, did you mean sip_port?", id="misspelt"
        ),
        pytest.param("[media]\nxyzzy = 1", "media.xyzzy: there is no such field", id="unknown"),
        pytest.param(
            '[capture]\npath = "x"\nfile = 1', "capture.file: there is no such field", id="unknown, new"
        ),
        pytest.param("[capture]\nmedia = true", "capture.path: is missing", id="missing"),
        pytest.param("media", "is no TOML: ", id="no TOML"),
        pytest.param('[accounts]\npassword = "hush"', "accounts: must be a list", id="no list"),
        pytest.param(
            '[[accounts]]\npassword = "hush"', "accounts[0].uri: is missing", id="missing in a list"
        ),
        pytest.param('accounts = ["hush"]', "accounts[0]: must be a table of fields", id="no tables"),
        pytest.param("t2 = 0.1", "t2: must not be less than t1", id="two fields"),
        pytest.param("[media]\nports = [1, 2, 3]", "media.ports: must be (first, last)", id="too many"),
    ],
)
def test_mistake_in_a_file_is_one_line(tmp_path: Path, text: str, hint: str) -> None:
    """COO-6."""
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig.from_toml(file)
    refused(caught.value, f"{file}: {hint}")


def test_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """COO-6."""
    with pytest.raises(ConfigurationError, match=r"no\.toml: cannot be read: No such file"):
        CoordinatorConfig.from_toml(tmp_path / "no.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"binary\.toml: is no TOML"):
        CoordinatorConfig.from_toml(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("variables", "hint"),
    [
        ({"SANSIO_SIP_PROT": "1"}, "SANSIO_SIP_PROT: there is no such field"),
        ({"SANSIO_MEDIA": "1"}, "SANSIO_MEDIA: must be a table"),
        ({"SANSIO_MEDIA": "1", "SANSIO_MEDIA__DSCP": "1"}, "SANSIO_MEDIA__DSCP: is a value and a table"),
        ({"SANSIO_SIP_PORT__X": "1"}, "SANSIO_SIP_PORT: is a value and no table"),
        ({"SANSIO_SIP_PORT": "x"}, "SANSIO_SIP_PORT: must be a port, 0 to 65535, not 'x'"),
    ],
)
def test_mistake_in_the_environment_is_one_line(variables: dict[str, str], hint: str) -> None:
    """COO-6."""
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig.from_environment(environment=variables)
    refused(caught.value, hint)


def test_users_come_from_a_file_as_a_table(tmp_path: Path) -> None:
    """COO-6, AUTH-1: a password for each name; never shown."""
    file = tmp_path / "config.toml"
    file.write_text('[inbound]\nrealm = "example.com"\nusers = {bob = "hush", Alice = "still"}\n')
    config = CoordinatorConfig.from_toml(file)
    assert config.inbound == InboundConfig(realm="example.com", users={"bob": "hush", "Alice": "still"})
    assert "hush" not in repr(config)
    for users in ('["hush"]', '[["bob", "hush"], ["bob", "hush"]]', '{"" = "hush"}'):
        file.write_text(f'[inbound]\nrealm = "example.com"\nusers = {users}\n')
        with pytest.raises(ConfigurationError) as caught:
            CoordinatorConfig.from_toml(file)
        assert str(caught.value).startswith(f"{file}: inbound.users: ")
        assert "hush" not in str(caught.value)


def test_registrar_and_its_hashes_come_from_a_file(tmp_path: Path) -> None:
    """COO-6, SRV-5: nothing of a secret is shown."""
    file = tmp_path / "config.toml"
    digest = "0123456789abcdef" * 2
    file.write_text(
        '[registrar]\ndomains = ["example.com"]\nstore = "sqlite:x.db"\n'
        f'users = {{bob = "hush", alice = {{MD5 = "{digest}"}}}}\n[presence]\npublish = false\n'
    )
    config = CoordinatorConfig.from_toml(file)
    assert config.registrar is not None
    (bob, first), (alice, second) = config.registrar.users
    assert (bob, first.password, alice, second.hashes) == ("bob", "hush", "alice", {"md5": digest})
    assert config.presence == PresenceConfig(publish=False)
    assert "hush" not in repr(config)
    assert digest not in repr(config)


def test_accounts_come_from_a_file(tmp_path: Path) -> None:
    """COO-6, CLI-1: a table for each."""
    file = tmp_path / "config.toml"
    file.write_text(
        '[[accounts]]\nuri = "sip:a@example.com"\npassword = "hush"\n'
        '[[accounts]]\nuri = "sip:b@example.com"\nedges = ["sip:e1.example.com", "sip:e2.example.com"]\n'
    )
    config = CoordinatorConfig.from_toml(file)
    assert config.accounts == (
        Account("sip:a@example.com", password="hush"),
        Account("sip:b@example.com", edges=("sip:e1.example.com", "sip:e2.example.com")),
    )
    assert "hush" not in repr(config)
    with pytest.raises(ConfigurationError, match=r"^SANSIO_ACCOUNTS: must be a list$"):
        CoordinatorConfig.from_environment(environment={"SANSIO_ACCOUNTS__PASSWORD": "hush"})


@pytest.mark.parametrize("name", ["password", "tls.key_password"])
def test_secret_is_never_part_of_a_message(tmp_path: Path, name: str) -> None:
    """ERR-1, COO-6."""
    table, _, key = name.rpartition(".")
    file = tmp_path / "config.toml"
    file.write_text((f"[{table}]\n" if table else "") + f'{key} = ["hush"]\n')
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig.from_toml(file)
    assert "hush" not in str(caught.value)


# The command line

URI = "sip:bob@192.0.2.1"
NEEDED_WORDS = {
    "call": [URI],
    "register": ["sip:alice@192.0.2.1"],
    "options": [URI],
    "ladder": ["no-such-file.pcapng"],
    "message": [URI, "hello"],
    "subscribe": [URI],
    "api": ["--token-file", "no-such-token"],
    "load": [URI],
    "registrar": ["example.com", "--anonymous"],
    "proxy": ["--route", "=sip:192.0.2.1"],
    "b2bua": ["--route", "=sip:192.0.2.1"],
    "queue": ["--agent", URI],
}
BAD_OPTIONS = {
    "--bind": "127.0.0.1:99999",
    "--listen": "carrier-pigeon",
    "--media-ports": "20000-10000",
    "--srtp": "always",
    "--answer": "sing",
    "--duration": "0",
    "--drain": "-1",
    "--metrics": "here:now",
    "--gc": "never",
    "--dtmf": "12x",
    "--from": "alice",
    "--config": "no-such-file.toml",
    "--tls-certificate": "no-such-file.pem",
    "--tls-authorities": "no-such-file.pem",
    "--register": "alice",
    "--proxy": "nearby",
    "--expires": "never",
    "--calls": "0",
    "--counts": "0",
    "--agent": "anna",
    "--strategy": "loudest",
    "--greeting": "no-such-file.wav",
    "--music": "no-such-file.wav",
    "--max-wait": "0",
    "--max-length": "0",
    "--ring-time": "0",
    "--wrap-up": "-1",
    "--overflow": "voicemail",
    "--users": "no-such-file.txt",
    "--realm": 'a"b',
    "--store": "mysql:x",
    "--hosts": "1",
    "--seed": "lucky",
    "--rate": "0",
    "--hold": "-1",
    "--session-interval": "1",
    "--transport": "pigeon",
    "--latency": "slow",
    "--loss": "1.5",
    "--changes": "1.5",
    "--bursts": "often",
    "--duplicate": "1.5",
    "--reorder": "1.5",
    "--bandwidth": "-1",
    "--nat": "house",
    "--deaths": "-1",
    "--type": "text",
    "--event": "a b",
    "--api": "here:now",
    "--token-file": "no-such-token",
    "--folder": "no-such-folder",
    "--api-certificate": "no-such-file.pem",
    "--max-members": "0",
    "--pin": "1x",
    "--ramp": "-1",
    "--timeout": "0",
    "--max-open": "0",
    "--allow-failed": "2",
    "--partitions": "-1",
    "--route": "1:sip:bob",
    "--domain": "",
    "--registrar": "",
    "--caller": "nobody",
    "--transfers": "perhaps",
    "--media": "through",
}
ANY_VALUE = {"--user", "--password", "--call"}
FILES = {"--out", "--play", "--record", "--capture", "--svg", "--audio", "--music", "--plot"}
"""Whether they can be used is found out when they are: that is no mistake of usage."""


def options_of(verb: str) -> list[tuple[str, bool]]:
    """The options of a verb, each with whether it takes a value."""
    parser = OneLineParser(prog=verb)
    _VERBS[verb](parser)
    return [
        (action.option_strings[-1], action.nargs != 0)
        for action in parser._actions
        if action.option_strings and not isinstance(action, argparse._HelpAction)
    ]


OPTIONS = [(verb, option, valued) for verb in _VERBS for option, valued in options_of(verb)]


def one_line(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that a mistake of usage is told in."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("python -m trio_runtime: ")
    return line


@pytest.mark.parametrize(
    ("verb", "option", "valued"), OPTIONS, ids=[f"{verb}{name}" for verb, name, _ in OPTIONS]
)
def test_option_written_wrongly_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], verb: str, option: str, valued: bool
) -> None:
    """COO-6, ERR-1: without its value, or with one that it does not take."""
    line = one_line(capsys, verb, *NEEDED_WORDS.get(verb, ()), option if valued else f"{option}=yes")
    assert option in line


@pytest.mark.parametrize(
    ("verb", "option"),
    [(verb, option) for verb, option, valued in OPTIONS if valued and option not in ANY_VALUE | FILES],
    ids=lambda value: str(value),
)
def test_option_with_a_bad_value_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], verb: str, option: str
) -> None:
    """COO-6, ERR-1: an option without a row in the table fails here; the value is named."""
    value = BAD_OPTIONS[option]
    line = one_line(capsys, verb, *NEEDED_WORDS.get(verb, ()), f"{option}={value}")
    named = (value.rpartition(":")[2], option.strip("-"), option.strip("-").replace("-", "_"), "ports")
    assert any(word in line for word in named)


@pytest.mark.parametrize("verb", ["serve", "call"])
def test_bad_field_in_the_file_of_a_verb_is_status_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COO-6: with the file's name and the key; and so with a variable."""
    file = tmp_path / "config.toml"
    file.write_text("[media]\nptime_ms = 7\n")
    line = one_line(capsys, verb, *NEEDED_WORDS.get(verb, ()), "--config", str(file))
    assert line.endswith(f"{file}: media.ptime_ms: must be a whole number, between 10 and 60 ms, not 7")
    monkeypatch.setenv("SANSIO_T1", "never")
    line = one_line(capsys, verb, *NEEDED_WORDS.get(verb, ()))
    assert line.endswith("SANSIO_T1: must be between 0.001 and 60 s, not 'never'")


def test_flags_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COO-6: field by field, also where a flag says what is the default anyway."""
    file = tmp_path / "config.toml"
    file.write_text(
        'bind_host = "10.0.0.1"\nsip_port = 5070\nt1 = 0.7\nlisten = ["udp", "tcp"]\n'
        '[media]\nsrtp = "optional"\nports = [30000, 30100]\n'
    )
    monkeypatch.setenv("SANSIO_T1", "0.9")
    monkeypatch.setenv("SANSIO_MEDIA__DSCP", "0")
    words = ["serve", "--config", str(file)]
    config = _config(parse_arguments([*words, "--srtp", "off", "--bind=10.0.0.2"]))
    assert (config.bind_host, config.sip_port, config.t1) == ("10.0.0.2", 5_060, 0.9)
    assert config.media == MediaConfig(srtp="off", ports=(30_000, 30_100), dscp=0)
    assert config.listen == ("udp", "tcp")
    config = _config(parse_arguments([*words, "--media-ports", "40000-40100"]))
    assert (config.bind_host, config.sip_port) == ("10.0.0.1", 5_070)
    assert config.media.ports == (40_000, 40_100)
    base = base_config(parse_arguments(["call", URI]), sip_port=0)
    assert (base.sip_port, base.t1) == (0, 0.9)


def test_answer_that_needs_audio_needs_it_in_the_file_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """COO-6."""
    file = tmp_path / "config.toml"
    file.write_text("no_media = true\n")
    line = one_line(capsys, "serve", "--config", str(file), "--answer", "tone:440")
    assert "no_media leaves nothing for --answer tone to do" in line
