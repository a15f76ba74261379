"""The headers that every layer asks for: read on first use, then kept in a slot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..errors import ParseError
from .cseq import CSeq, parse_cseq
from .fields import Field, FieldList
from .name_addr import NameAddr, read_tag
from .params import split_list
from .via import Via

__all__ = ["TypedHeaders"]


class TypedHeaders(FieldList):
    """Header fields, of which the most wanted are attributes.

    Each is read when it is first asked for, and again after its field has changed. Reading raises
    `ParseError` when the header is damaged, or missing though mandatory.

    Attributes:
        via: The topmost Via value.
        from_: The From header.
        to: The To header.
        from_tag: The From tag; empty when there is none.
        to_tag: The To tag; empty when there is none.
        call_id: The Call-ID.
        cseq: The CSeq header.
        contacts: The Contact values; empty when there is none or the value is ``*``.
    """

    __slots__ = ("call_id", "contacts", "cseq", "from_", "from_tag", "to", "to_tag", "via")

    via: Via
    from_: NameAddr
    to: NameAddr
    from_tag: str
    to_tag: str
    call_id: str
    cseq: CSeq
    contacts: list[NameAddr]

    # A property would cost a call on each of the fifty accesses that one telephone call makes; this is
    # called for an empty slot only. A type checker must not see it, or any name would be good to it.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            reader = _READERS.get(name)
            if reader is None:
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            value = reader(self)
            setattr(self, name, value)
            return value

    def read_mandatory(self) -> None:
        """Read what every message must have, without waiting to be asked.

        Raises:
            ParseError: One of them is missing or damaged.
        """
        get = self.first_values().get
        via, from_, to, call_id, cseq = get("via"), get("from"), get("to"), get("call-id"), get("cseq")
        if not (via and from_ and to and call_id and cseq):
            raise _missing(next(key for key in ("via", "from", "to", "call-id", "cseq") if not get(key)))
        self.via = _read_via(via)
        self.from_tag = read_tag(from_, "from")
        self.to_tag = read_tag(to, "to")
        self.call_id = call_id
        self.cseq = parse_cseq(cseq)

    def restore(self, fields: Iterable[Field]) -> None:
        """Put back all fields as they were before something was added for one destination."""
        self.fields[:] = fields
        for key in _SLOTS:
            self._forget(key)

    def _forget(self, key: str) -> None:
        super()._forget(key)
        for name in _SLOTS.get(key, ()):
            try:
                delattr(self, name)
            except AttributeError:  # not read yet
                continue


def _required(header: FieldList, key: str) -> str:
    value = header.get(key)
    if not value:
        raise _missing(key)
    return value


def _missing(key: str) -> ParseError:
    return ParseError(f"no {key} header", error_class="missing-header", rule="RFC 3261 §8.1.1", header=key)


def _read_via(value: str) -> Via:
    if "," in value:
        value = (split_list(value, "via") or [""])[0]
    return Via.parse(value)


def _read_contacts(header: FieldList) -> list[NameAddr]:
    values = header.values("contact")
    return [] if values == ["*"] else [NameAddr.parse(value, "contact") for value in values]


_READERS: dict[str, Callable[[FieldList], object]] = {
    "via": lambda header: _read_via(_required(header, "via")),
    "from_": lambda header: NameAddr.parse(_required(header, "from"), "from"),
    "to": lambda header: NameAddr.parse(_required(header, "to"), "to"),
    "from_tag": lambda header: read_tag(_required(header, "from"), "from"),
    "to_tag": lambda header: read_tag(_required(header, "to"), "to"),
    "call_id": lambda header: _required(header, "call-id"),
    "cseq": lambda header: parse_cseq(_required(header, "cseq")),
    "contacts": _read_contacts,
}
_SLOTS = {
    "via": ("via",), "from": ("from_", "from_tag"), "to": ("to", "to_tag"), "call-id": ("call_id",),
    "cseq": ("cseq",), "contact": ("contacts",),
}  # fmt: skip
