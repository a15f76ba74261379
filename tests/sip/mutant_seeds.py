"""Good messages for mutants to start from: every standard header, and every kind of body that is read."""

from __future__ import annotations

from tests.sip.test_linear_cost import HEADERS, VALUES
from tests.sip.vectors import load

_ANY = 'token;param="a \\"b\\"";flag, <sip:a@b;lr?c=d>;e=f'
"""For a header that nothing types: a bit of everything."""

_DIGEST = (
    'Digest username="alice", realm="r", nonce="n", uri="sip:a@b", response="' + "0" * 32 + '", qop=auth, '
    'nc=00000001, cnonce="c", algorithm=SHA-256, opaque="o", userhash=false'
)
_CHALLENGE = 'Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-256, stale=true, opaque="o"'

_TYPED = {
    "Answer-Mode": "AnswerMode", "Content-Type": "MediaType", "Date": "parse_date", "Event": "EventType",
    "Identity": "IdentityHeader", "Info-Package": "InfoPackage", "Join": "Join", "Min-SE": "MinSe",
    "P-Asserted-Identity": "Identity", "P-Preferred-Identity": "Identity", "Priv-Answer-Mode": "AnswerMode",
    "Privacy": "Privacy", "RAck": "RAck", "Reason": "Reason", "Refer-To": "ReferTo",
    "Referred-By": "ReferredBy", "Replaces": "Replaces", "Retry-After": "RetryAfter",
    "Session-Expires": "SessionExpires", "Subscription-State": "SubscriptionState", "Warning": "SipWarning",
    "History-Info": "HistoryEntry", "Target-Dialog": "Join",
}  # fmt: skip
"""The reader of `VALUES` whose example is a good value of a header."""

_PLAIN = {
    "Accept": "application/sdp, text/*;q=0.5", "Allow": "INVITE, ACK, BYE", "Allow-Events": "presence, refer",
    "Authentication-Info": 'nextnonce="n", qop=auth, rspauth="00", cnonce="c", nc=00000001',
    "Authorization": _DIGEST, "Proxy-Authorization": _DIGEST, "WWW-Authenticate": _CHALLENGE,
    "Proxy-Authenticate": _CHALLENGE, "Contact": '"A" <sip:a@b>;q=0.5;expires=60', "Expires": "3600",
    "Min-Expires": "60", "Flow-Timer": "120", "Max-Forwards": "70", "Path": "<sip:p;lr>, <sip:q;lr>",
    "Record-Route": "<sip:p;lr>", "Route": "<sip:p;lr>", "Service-Route": "<sip:p;lr>", "RSeq": "1",
    "Refer-Sub": "false", "Require": "100rel", "Supported": "100rel, timer, replaces", "SIP-ETag": "e1",
    "SIP-If-Match": "e1", "Timestamp": "1.5 0.5", "MIME-Version": "1.0", "Content-Disposition": "session",
    "User-to-User": "00;encoding=hex", "Recv-Info": "dtmf, x;a=b",
}  # fmt: skip

_FRAME = {"Via", "From", "To", "Call-ID", "CSeq", "Content-Length", "Content-Type"}


def example_of(header: str) -> str:
    """A good value of a header, as far as anything knows what is good."""
    if header in _TYPED:
        return VALUES[_TYPED[header]].example
    return _PLAIN.get(header, _ANY)


def message(method: str, fields: list[tuple[str, str]], body: bytes = b"", content_type: str = "") -> bytes:
    """A request with fields beside those that each must have."""
    lines = [
        f"{method} sip:alice@192.0.2.1 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKseed;rport",
        "From: <sip:bob@example.com>;tag=bob",
        "To: <sip:alice@example.com>",
        f"Call-ID: seed-{method}-{len(fields)}",
        f"CSeq: 1 {method}",
        *[f"{name}: {value}" for name, value in fields],
    ]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    lines.append(f"Content-Length: {len(body)}\r\n\r\n")
    return "\r\n".join(lines).encode() + body


def _with_every_header() -> list[bytes]:
    """Requests and a response that share the standard headers among them."""
    names = [name for name in HEADERS if name not in _FRAME]
    methods = ["INVITE", "REGISTER", "SUBSCRIBE", "NOTIFY", "REFER", "PUBLISH", "OPTIONS"]
    return [
        message(method, [(name, example_of(name)) for name in names[part :: len(methods)]])
        for part, method in enumerate(methods)
    ]


def _text(name: str) -> bytes:
    return VALUES[name].example.encode()


def _with_every_body() -> list[bytes]:
    """Requests with each kind of body, and one with several parts."""
    sdp, pidf, dialogs = _text("parse_sdp"), _text("parse_pidf"), _text("parse_dialog_info")
    event = [("Event", "presence"), ("Subscription-State", "active;expires=600")]
    parts = b"".join(
        b"--b\r\nContent-Type: %b\r\nContent-ID: <%d@b>\r\n\r\n%b\r\n" % (kind, number, body)
        for number, (kind, body) in enumerate(
            [
                (b"application/sdp", sdp),
                (b"application/pidf+xml", pidf),
                (b"message/sipfrag", b"SIP/2.0 200 OK\r\n"),
            ]
        )
    )
    return [
        message("INVITE", [("Contact", "<sip:bob@192.0.2.2>")], sdp, "application/sdp"),
        message("INVITE", [("Contact", "<sip:b@h>")], parts + b"--b--\r\n", "multipart/mixed;boundary=b"),
        message("NOTIFY", event, pidf, "application/pidf+xml"),
        message("PUBLISH", [("Event", "presence")], pidf, "application/pidf+xml"),
        message("NOTIFY", event, dialogs, "application/dialog-info+xml"),
        message("NOTIFY", event, _text("parse_message_summary"), "application/simple-message-summary"),
        message("NOTIFY", event, _text("parse_sipfrag"), "message/sipfrag;version=2.0"),
        message("INFO", [("Info-Package", "dtmf")], b"Signal=1\r\n", "application/dtmf-relay"),
    ]


MADE = [*_with_every_header(), *_with_every_body()]
"""Messages with every standard header and every kind of body."""

DESCRIPTIONS = [
    message("INVITE", [], case["sdp"].encode(), "application/sdp") for case in load("rfc-sdp.json")["cases"]
]
"""The descriptions of the RFCs, in an INVITE each."""
