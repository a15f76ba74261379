"""The headers that every layer asks for: read on first use, then kept in a slot."""

from __future__ import annotations

from collections.abc import Iterable

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
    """

    __slots__ = ("_call_id", "_contacts", "_cseq", "_from", "_from_tag", "_to", "_to_tag", "_via")

    # Without a ``__getattr__`` for empty slots, though that would be shorter: it makes each access to any
    # attribute and method of a message several times slower.
    _call_id: str
    _contacts: list[NameAddr]
    _cseq: CSeq
    _from: NameAddr
    _from_tag: str
    _to: NameAddr
    _to_tag: str
    _via: Via

    @property
    def via(self) -> Via:
        """The topmost Via value."""
        try:
            return self._via
        except AttributeError:
            self._via = value = _read_via(_required(self, "via"))
            return value

    @property
    def from_(self) -> NameAddr:
        """The From header."""
        try:
            return self._from
        except AttributeError:
            self._from = value = NameAddr.parse(_required(self, "from"), "from")
            return value

    @property
    def to(self) -> NameAddr:
        """The To header."""
        try:
            return self._to
        except AttributeError:
            self._to = value = NameAddr.parse(_required(self, "to"), "to")
            return value

    @property
    def from_tag(self) -> str:
        """The From tag; empty when there is none."""
        try:
            return self._from_tag
        except AttributeError:
            self._from_tag = value = read_tag(_required(self, "from"), "from")
            return value

    @property
    def to_tag(self) -> str:
        """The To tag; empty when there is none."""
        try:
            return self._to_tag
        except AttributeError:
            self._to_tag = value = read_tag(_required(self, "to"), "to")
            return value

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        try:
            return self._call_id
        except AttributeError:
            self._call_id = value = _required(self, "call-id")
            return value

    @property
    def cseq(self) -> CSeq:
        """The CSeq header."""
        try:
            return self._cseq
        except AttributeError:
            self._cseq = value = parse_cseq(_required(self, "cseq"))
            return value

    @property
    def contacts(self) -> list[NameAddr]:
        """The Contact values; empty when there is none or the value is ``*``."""
        try:
            return self._contacts
        except AttributeError:
            self._contacts = value = _read_contacts(self)
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
        self._via = _read_via(via) if "," in via else Via.parse(via)
        self._from_tag = read_tag(from_, "from")
        self._to_tag = read_tag(to, "to")
        self._call_id = call_id
        self._cseq = parse_cseq(cseq)

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
    return Via.parse((split_list(value, "via") or [""])[0])


def _read_contacts(header: FieldList) -> list[NameAddr]:
    values = header.values("contact")
    return [] if values == ["*"] else [NameAddr.parse(value, "contact") for value in values]


_SLOTS = {
    "via": ("_via",), "from": ("_from", "_from_tag"), "to": ("_to", "_to_tag"), "call-id": ("_call_id",),
    "cseq": ("_cseq",), "contact": ("_contacts",),
}  # fmt: skip
