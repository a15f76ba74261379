"""What the DNS is asked for and what it answers."""

from __future__ import annotations

from enum import Enum, unique
from typing import NamedTuple, TypeAlias

__all__ = ["AddressRecord", "NaptrRecord", "QuestionKey", "Record", "RecordType", "SrvRecord", "clean_name"]

_LONGEST_NAME = 253  # RFC 1035 §2.3.4, as text


@unique
class RecordType(Enum):
    """Kind of a DNS record."""

    NAPTR = "NAPTR"
    SRV = "SRV"
    A = "A"
    AAAA = "AAAA"


class NaptrRecord(NamedTuple):
    """Which transports a domain has (RFC 3403 §4.1); a regular expression is not used by SIP."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class SrvRecord(NamedTuple):
    """Where a service is (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


class AddressRecord(NamedTuple):
    """A numeric address, of an A or AAAA record."""

    address: str


Record: TypeAlias = NaptrRecord | SrvRecord | AddressRecord
QuestionKey: TypeAlias = tuple[RecordType, str]
"""A question: type and name."""


def clean_name(name: str) -> str:
    """Return a domain name in lower case without its last dot, empty for the root and for what is no name."""
    text = name.strip().rstrip(".").lower()
    return text if len(text) <= _LONGEST_NAME and text.isprintable() and " " not in text else ""
