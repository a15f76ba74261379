"""The requests of a call as SIPp's ``uac`` scenario sends them, and as a phone with a long INVITE does."""

from __future__ import annotations

__all__ = ["INVITES", "Caller"]

_SHORT_SDP = b"""v=0
o=user1 53655765 2353687637 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
_LONG_SDP = b"""v=0
o=alice 2890844526 2890844526 IN IP4 192.0.2.23
s=-
c=IN IP4 192.0.2.23
t=0 0
m=audio 49170 RTP/AVP 9 0 8 101
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv
"""
_SHORT = b"""METHOD sip:service@127.0.0.1:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=BRANCH
From: sipp <sip:sipp@127.0.0.1:5061>;tag=8801SIPpTag00NUMBER
To: service <sip:service@127.0.0.1:5060>TO_TAG
Call-ID: NUMBER-8801@127.0.0.1
CSeq: CSEQ METHOD
Contact: sip:sipp@127.0.0.1:5061
Max-Forwards: 70
Subject: Performance Test
"""
_LONG = b"""METHOD sip:bob@example.net;transport=udp SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=BRANCH;rport
Max-Forwards: 70
From: "Alice Example" <sip:alice@example.com>;tag=9fxced76slNUMBER
To: "Bob" <sip:bob@example.net>TO_TAG
Call-ID: 3848276298220NUMBER@client.example.com
CSeq: CSEQ METHOD
Contact: <sip:alice@127.0.0.1:5061>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, UPDATE, PRACK
Supported: replaces, timer, 100rel
User-Agent: BenchPhone/1.0
"""

INVITES = {"short": (_SHORT, _SHORT_SDP), "long": (_LONG, _LONG_SDP)}
"""Head and description of each kind of caller; the long INVITE has about 900 octets."""


class Caller:
    """Makes the three requests of one call after the other.

    Args:
        kind: A key of `INVITES`.
        extra: More header fields of every request.
    """

    def __init__(self, kind: str, extra: bytes = b"") -> None:
        head, sdp = INVITES[kind]
        self._head = (head + extra).replace(b"\n", b"\r\n")
        self._sdp = sdp.replace(b"\n", b"\r\n")

    def invite(self, number: int) -> bytes:
        """Return the INVITE of a call."""
        return self._request(b"INVITE", 1, 0, number, b"", self._sdp)

    def ack(self, number: int, to_tag: bytes) -> bytes:
        """Return the ACK of a 2xx; its branch is a new one."""
        return self._request(b"ACK", 1, 5, number, to_tag, b"")

    def bye(self, number: int, to_tag: bytes) -> bytes:
        """Return the BYE."""
        return self._request(b"BYE", 2, 7, number, to_tag, b"")

    def options(self, number: int, to_tag: bytes, cseq: int) -> bytes:
        """Return an OPTIONS in the call; ``cseq`` is above 1 and rises."""
        return self._request(b"OPTIONS", cseq, 100 + cseq, number, to_tag, b"")

    def reinvite(self, number: int, to_tag: bytes, cseq: int) -> bytes:
        """Return an INVITE in the call that changes nothing, as it refreshes a session."""
        return self._request(b"INVITE", cseq, 100 + cseq, number, to_tag, self._sdp)

    def reinvite_ack(self, number: int, to_tag: bytes, cseq: int) -> bytes:
        """Return the ACK of its 2xx."""
        return self._request(b"ACK", cseq, 10_000 + cseq, number, to_tag, b"")

    def _request(self, method: bytes, cseq: int, step: int, number: int, to_tag: bytes, body: bytes) -> bytes:
        head = self._head.replace(b"METHOD", method).replace(b"CSEQ", b"%d" % cseq)
        head = head.replace(b"BRANCH", b"z9hG4bK-8801-%d-%d" % (number, step)).replace(
            b"NUMBER", b"%d" % number
        )
        head = head.replace(b"TO_TAG", b";tag=" + to_tag if to_tag else b"")
        if body:
            head += b"Content-Type: application/sdp\r\n"
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
