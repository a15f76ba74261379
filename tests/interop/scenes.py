"""Scenarios for SIPp, composed of steps: for what its built-in ones and short files do not do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SDP = """v=0
o=sipp 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a={direction}"""

_KEPT = ("Via", "From", "To", "CSeq")
_SDP = "application/sdp"
_OURS = "<sip:sipp@[local_ip]:[local_port]>"


def sdp(version: int = 1, direction: str = "sendrecv") -> str:
    return SDP.format(version=version, direction=direction)


def write_scene(folder: Path, name: str, steps: Iterable[str]) -> str:
    """Write a scenario, and return its path as `sipp` takes it."""
    text = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n'
    path = folder / f"{name}.xml"
    path.write_text(f'{text}<scenario name="{name}">\n' + "\n".join(steps) + "\n</scenario>\n", "latin-1")
    return str(path)


def pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>'


# The side that is called. What it keeps of an INVITE it can still answer after other requests.


def take(method: str, *, keep: str = "", timeout_ms: int = 0) -> str:
    """Wait for a request; ``keep`` remembers it under a letter, the first one with the way to the caller."""
    if not keep:
        patience = f' timeout="{timeout_ms}"' if timeout_ms else ""
        return f'<recv request="{method}"{patience}/>'
    grips = "".join(
        f'<ereg regexp=".*" search_in="hdr" header="{each}:" assign_to="{keep}{each}"/>' for each in _KEPT
    )
    return f'<recv request="{method}" rrs="true"><action>{grips}</action></recv>'


def reply(
    status: str, *, kept: str = "", headers: Iterable[str] = (), body: str = "", retrans: bool = False
) -> str:
    """Answer the last request, or one that was kept."""
    first = "\n".join(
        [f"{each}:[${kept}{each}]" if kept else f"[last_{each}:]" for each in ("Via", "From")]
        + [f"To:[${kept}To]" if kept else "[last_To:]"]
    )
    tag = ";tag=[pid]SIPp[call_number]" if kept == "a" else ""
    cseq = f"CSeq:[${kept}CSeq]" if kept else "[last_CSeq:]"
    return _send(
        [f"SIP/2.0 {status}", f"{first}{tag}", "Call-ID: [call_id]", cseq, f"Contact: {_OURS}", *headers],
        body,
        retrans=retrans,
    )


def ask(method: str, cseq: int, *, headers: Iterable[str] = (), body: str = "", kind: str = _SDP) -> str:
    """Send a request in the dialog whose first request was kept as ``a``; ``kind`` is what the body is."""
    return _send(
        [
            f"{method} [next_url] SIP/2.0",
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
            "From:[$aTo];tag=[pid]SIPp[call_number]",
            "To:[$aFrom]",
            "Call-ID: [call_id]",
            f"CSeq: {cseq} {method}",
            f"Contact: {_OURS}",
            "Max-Forwards: 70",
            *headers,
        ],
        body,
        retrans=method != "ACK",
        kind=kind,
    )


def hear(status: str, *, keep: str = "") -> str:
    """Wait for a response; ``keep`` remembers the value of one of its headers under its name."""
    if not keep:
        return f'<recv response="{status}"/>'
    grip = f'<ereg regexp="[^ ].*" search_in="hdr" header="{keep}:" assign_to="{keep}"/>'
    return f'<recv response="{status}"><action>{grip}</action></recv>'


def maybe(status: str) -> str:
    return f'<recv response="{status}" optional="true"/>'


# The side that calls


def call(method: str, cseq: int, *, headers: Iterable[str] = (), body: str = "", inside: bool = True) -> str:
    """Send a request of the caller, ``inside`` of the dialog: but for an INVITE with number 1."""
    inside = inside and (method, cseq) != ("INVITE", 1)
    return _send(
        [
            f"{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0",
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
            f"From: {_OURS};tag=[pid]SIPp[call_number]",
            "To: <sip:[service]@[remote_ip]:[remote_port]>" + ("[peer_tag_param]" if inside else ""),
            "Call-ID: [call_id]",
            f"CSeq: {cseq} {method}",
            f"Contact: {_OURS}",
            "Max-Forwards: 70",
            *headers,
        ],
        body,
        retrans=method != "ACK",
    )


def _send(lines: Iterable[str], body: str, *, retrans: bool, kind: str = _SDP) -> str:
    typed = [f"Content-Type: {kind}"] if body else []
    text = "\n".join([*lines, *typed, "Content-Length: [len]", "", body])
    again = ' retrans="500"' if retrans else ""
    return f"<send{again}><![CDATA[\n{text}\n]]></send>"
