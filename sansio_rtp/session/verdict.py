"""What the sequence number of a packet says about its source (RFC 3550 A.1)."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """What `update_seq` of RFC 3550 A.1 says about a packet."""

    PROBATION = "probation"
    """The source is not proven yet."""
    VALID = "valid"
    """The packet counts."""
    DUPLICATE = "duplicate"
    """The packet came before; it counts as received, as in A.3."""
    JUMP = "jump"
    """The sequence number jumped; the next one in sequence would prove a restart."""
    RESTARTED = "restarted"
    """The source has begun anew; this packet counts."""
