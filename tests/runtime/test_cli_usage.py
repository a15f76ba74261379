from __future__ import annotations

import gc
import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sansio_rtp.codec import BUILT_IN
from trio_runtime.base import CoordinatorConfig, MediaConfig
from trio_runtime.cli import main
from trio_runtime.cli.arguments import parse_arguments
from trio_runtime.cli.collector import tuned_collector
from trio_runtime.cli.flags.answers import Answer, AnswerKind

URI = "sip:bob@192.0.2.1"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, list[str]]:
    """The exit status, standard output and the lines of standard error."""
    status = main(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "VERB"),
        (["dance"], "'dance'"),
        (["demo", "extra"], "extra"),
        (["call"], "URI"),
        (["call", "bob"], "sip:bob@example.com"),
        (["call", "http://example.com"], "no SIP URI"),
        (["call", "tel:+123"], "no SIP URI"),
        (["call", "sip:bob@host\r\nX: y"], "no SIP URI"),
        (["call", "sip:bob@127.0.0.1?Subject=x"], "header parts"),
        (["call", URI, "--dtmf", "12x"], "'12x' are no telephone keys"),
        (["call", URI, "--dtmf", ""], "no telephone keys"),
        (["call", URI, "--srtp", "always"], "'always'"),
        (["call", URI, "--duration", "0"], "number of seconds"),
        (["call", URI, "--duration", "nan"], "number of seconds"),
        (["call", URI, "--password", "secret"], "--user"),
        (["call", URI, "--from", "alice"], "no SIP URI"),
        (["call", URI, "--dur", "3"], "--dur"),
        (["options"], "URI"),
        (["options", "sip:"], "no SIP URI"),
        (["serve", "--bind", "127.0.0.1:99999"], "99999"),
        (["serve", "--bind", "127.0.0.1:http"], "http"),
        (["serve", "--bind", "[::1"], "HOST:PORT"),
        (["serve", "--bind", "no.such.host:5060"], "no.such.host"),
        (["serve", "--answer", "sing"], "'sing'"),
        (["serve", "--answer", "tone"], "tone:HZ"),
        (["serve", "--answer", "tone:loud"], "'loud'"),
        (["serve", "--answer", "tone:4000"], "4000"),
        (["serve", "--answer", "play:"], "play:FILE"),
        (["serve", "--answer", "busy:now"], "no argument"),
        (["serve", "--answer", "tone:440", "--no-media"], "--no-media"),
        (["serve", "--quiet", "--ladder"], "not allowed with"),
        (["serve", "--media-ports", "20000-10000"], "ports"),
        (["serve", "--media-ports", "x-y"], "no port"),
        (["serve", "--gc", "never"], "'never'"),
        (["simulate", "--calls", "0"], "calls: must be a whole number, at least 1"),
        (["simulate", "--calls", "many"], "'many'"),
        (["simulate", "--loss", "5"], "loss: must be between 0 and 1"),
        (["simulate", "--duplicate", "-1"], "duplicate: must be between 0 and 1"),
        (["simulate", "--latency", "soon"], "'soon' is none of"),
        (["simulate", "--latency", "0.2-0.1"], "latency"),
        (["simulate", "--latency", "normal:0.1"], "normal:MEAN,DEVIATION"),
        (["simulate", "--latency", "lognormal:0.1,9"], "spread: must be between 0 and 3"),
        (["simulate", "--bursts", "0.02"], "P:N"),
        (["simulate", "--bursts", "0.9:1"], "datagrams"),
        (["simulate", "--bandwidth", "0"], "bandwidth: must be at least 1 bit/s"),
        (["simulate", "--nat", "cone"], "'cone'"),
        (["simulate", "--nat", "symmetric", "--hosts", "2"], "hosts: must be at least 4"),
        (["simulate", "--session-interval", "5"], "session_interval: must be at least 90 s"),
        (["simulate", "--transport", "sctp"], "'sctp'"),
    ],
)
def test_mistake_of_usage_is_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
) -> None:
    """COO-6, ERR-1: nothing on standard output, one line on standard error that names the mistake."""
    status, out, errors = run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert len(errors) == 1
    assert errors[0].startswith("python -m trio_runtime: ")
    assert hint in errors[0]


def test_password_is_never_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """ERR-1: also not when it is part of a mistake."""
    _, out, errors = run(capsys, "call", URI, "--password", "hush")
    assert "hush" not in out + "".join(errors)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["serve", "--help"], ["call", "--help"]])
def test_help_goes_to_standard_output(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """COO-6."""
    status, out, errors = run(capsys, *arguments)
    assert status == 0
    assert out
    assert errors == []


@pytest.mark.parametrize("verb", ["demo", "serve", "call", "options", "codecs", "simulate"])
def test_help_tells_the_exit_status(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    """COO-6."""
    _, out, _ = run(capsys, verb, "--help")
    assert "exit status:\n  0  " in out
    assert "--json" in out


def test_codecs_are_listed_with_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-8, MED-9: as text and as JSON, with the reason and the line that installs it; no failure."""
    monkeypatch.setattr("trio_runtime.cli.verbs.codecs.find_codecs", lambda: BUILT_IN)
    status, out, errors = run(capsys, "codecs")
    assert (status, errors) == (0, [])
    assert "PCMU           8000 Hz  payload type 0        available\n" in out
    assert "G722          16000 Hz  payload type 9        not available: the package G722" in out
    assert "to install: pip install 'sansio-voip[g722]'" in out
    status, out, errors = run(capsys, "codecs", "--json")
    records = {record["name"]: record for record in map(json.loads, out.splitlines())}
    assert (records["PCMA"]["available"], records["PCMA"]["reason"]) == (True, None)
    assert (records["opus"]["available"], records["opus"]["payload_type"]) == (False, None)
    assert records["opus"]["encoding"] == "opus/48000/2"
    assert "libopus" in records["opus"]["reason"]
    assert "apt-get install libopus0" in records["opus"]["install"]
    assert "CN/8000" not in records


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:5070", ("127.0.0.1", 5070)),
        ("127.0.0.1", ("127.0.0.1", 5060)),
        (":0", ("0.0.0.0", 0)),
        ("*:5070", ("0.0.0.0", 5070)),
        ("localhost:5070", ("127.0.0.1", 5070)),
        ("[::1]:5070", ("::1", 5070)),
        ("[::]", ("::", 5060)),
        ("::1", ("::1", 5060)),
    ],
)
def test_bind_address_in_its_forms(text: str, address: tuple[str, int]) -> None:
    """COO-6."""
    assert parse_arguments(["serve", "--bind", text]).bind == address


def test_defaults_are_those_of_the_configuration() -> None:
    """COO-6: SIP port 5060, media ports 10000 to 20000."""
    options = parse_arguments(["serve"])
    assert options.bind == (CoordinatorConfig().bind_host, CoordinatorConfig().sip_port)
    assert options.media_ports == MediaConfig().ports
    assert options.answer == Answer(AnswerKind.ECHO)
    assert parse_arguments(["call", URI]).bind == ("0.0.0.0", 0)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("echo", Answer(AnswerKind.ECHO)),
        ("tone:697.5", Answer(AnswerKind.TONE, tone_hz=697.5)),
        ("play:a:b.wav", Answer(AnswerKind.PLAY, path=Path("a:b.wav"))),
        ("record:calls", Answer(AnswerKind.RECORD, path=Path("calls"))),
        ("busy", Answer(AnswerKind.BUSY)),
        ("ring", Answer(AnswerKind.RING)),
    ],
)
def test_answer_in_its_forms(text: str, answer: Answer) -> None:
    """COO-6."""
    assert parse_arguments(["serve", "--answer", text]).answer == answer


def test_keys_are_pressed_in_upper_case() -> None:
    """COO-6."""
    assert parse_arguments(["call", URI, "--dtmf", "1a#"]).dtmf == "1A#"


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "no.wav"
    path.write_text("this is no audio")
    return path


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (lambda path: ["call", "sip:bob@127.0.0.1", "--play", str(path)], "not a WAV file"),
        (lambda path: ["call", "sip:bob@127.0.0.1", "--play", str(path.parent / "none")], "No such file"),
        (lambda path: ["call", "sip:bob@127.0.0.1", "--record", str(path / "x.wav")], "cannot record"),
        (lambda path: ["serve", "--bind", "127.0.0.1:0", "--answer", f"play:{path}"], "not a WAV file"),
        (lambda path: ["serve", "--bind", "127.0.0.1:0", "--answer", f"record:{path}"], "cannot record"),
        (lambda path: ["demo", "--out", str(path)], "File exists"),
    ],
)
def test_file_that_cannot_be_used_is_one_line_and_status_1(
    capsys: pytest.CaptureFixture[str], text_file: Path, arguments: Callable[[Path], list[str]], hint: str
) -> None:
    """ERR-1, MED-21: found before anybody's telephone rings."""
    status, out, errors = run(capsys, *arguments(text_file))
    assert status == 1
    assert out == ""
    assert len(errors) == 1
    assert hint in errors[0]


def test_port_in_use_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    """ERR-1, TRN-8."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        status, out, errors = run(capsys, "serve", "--bind", f"127.0.0.1:{port}")
    assert (status, out) == (1, "")
    assert errors == [f"python -m trio_runtime: UDP port {port} on 127.0.0.1 is in use by another program"]


def test_foreign_address_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    """ERR-1, TRN-8."""
    status, _, errors = run(capsys, "serve", "--bind", "203.0.113.77:0")
    assert status == 1
    assert len(errors) == 1
    assert "203.0.113.77" in errors[0]


@pytest.mark.parametrize("verb", ["call", "options"])
def test_closed_port_at_the_peer_is_one_line_and_status_1(
    capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    """ERR-1, TXN-7: what ICMP says, at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    status, _, errors = run(capsys, verb, f"sip:bob@127.0.0.1:{port}")
    assert status == 1
    assert len(errors) == 1
    assert "cannot be reached" in errors[0]


@pytest.mark.parametrize("mode", ["tuned", "freeze", "default"])
def test_collector_is_as_before_afterwards(mode: str) -> None:
    """COO-6: the switch ends with the server."""
    gc.unfreeze()  # what the suite has spared, see `tests/conftest.py`
    before = gc.get_threshold()
    with tuned_collector(mode):
        assert (gc.get_threshold() == before) == (mode == "default")
        assert (gc.get_freeze_count() > 0) == (mode == "freeze")
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
    gc.freeze()
