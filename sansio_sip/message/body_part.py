"""One part of a body of several (RFC 2046 §5.1, RFC 5621)."""

from __future__ import annotations

from collections.abc import Iterable

from .fields import Field, FieldList, checked_field

__all__ = ["BodyPart", "disposition_of"]


class BodyPart(FieldList):
    """One part: its own header fields and octets.

    Attributes:
        body: The octets.
    """

    __slots__ = ("body",)

    def __init__(self, fields: Iterable[Field] = (), body: bytes = b"") -> None:
        self.fields = list(fields)
        self.body = body
        self._first = None

    @classmethod
    def of(cls, content_type: str, body: bytes, extra: Iterable[tuple[str, str]] = ()) -> BodyPart:
        """Make a part.

        Args:
            content_type: Its media type.
            body: Its octets.
            extra: More header fields, such as Content-ID.

        Raises:
            LocalProtocolError: A value cannot stand in a header.
        """
        return cls(
            [checked_field(name, value) for name, value in (("Content-Type", content_type), *extra)], body
        )

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters; ``text/plain`` where none is given."""
        value = self.get("content-type")
        return "text/plain" if value is None else value.partition(";")[0].strip(" \t").lower()

    @property
    def content_id(self) -> str:
        """The Content-ID with its angle brackets; empty when there is none."""
        return self.get("content-id") or ""

    @property
    def disposition(self) -> str:
        """What the part is for, in lower case, such as ``session``; empty when not said."""
        return disposition_of(self)

    def __repr__(self) -> str:
        return f"<BodyPart {self.content_type} {len(self.body)} octets>"


def disposition_of(header: FieldList) -> str:
    """Return what a body or part is for, in lower case without parameters; empty when not said."""
    return (header.get("content-disposition") or "").partition(";")[0].strip(" \t").lower()
