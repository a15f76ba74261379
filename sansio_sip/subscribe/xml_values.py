"""Small values inside the documents of event packages."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from ..errors import ParseError
from ..message.scalars import parse_number

if TYPE_CHECKING:
    from .xml_element import XmlElement

__all__ = ["DocumentReader"]

_MAX_NUMBER = 2**64 - 1  # xs:unsignedLong
_Kind = TypeVar("_Kind", bound=Enum)


class DocumentReader:
    """Reads values of one kind of document; its errors say which.

    Args:
        name: What the document is, for errors.
        rule: RFC and section that describe it.
    """

    __slots__ = ("_name", "_rule")

    def __init__(self, name: str, rule: str) -> None:
        self._name = name
        self._rule = rule

    def fault(self, message: str) -> ParseError:
        """Make the error for a damaged document."""
        return ParseError(f"no {self._name}: {message}", error_class="body", rule=self._rule)

    def check_root(self, root: XmlElement, namespace: str, name: str) -> None:
        """Refuse another document.

        Raises:
            ParseError: The document is another.
        """
        if (root.namespace, root.name) != (namespace, name):
            raise self.fault(f"the document is a {root.name[:40]!r}")

    def number(self, text: str | None) -> int | None:
        """Return a number, None for no text.

        Raises:
            ParseError: It is none, or does not fit 64 bits.
        """
        return parse_number(text.strip(), self._name, _MAX_NUMBER) if text and text.strip() else None

    def required(self, element: XmlElement, name: str) -> str:
        """Return an attribute that must be there.

        Raises:
            ParseError: It is missing or empty.
        """
        value = element.attributes.get(name)
        if not value:
            raise self.fault(f"{element.name} has no {name}")
        return value

    def version(self, root: XmlElement) -> int:
        """Return the version of a document.

        Raises:
            ParseError: There is none.
        """
        version = self.number(self.required(root, "version"))
        if version is None:
            raise self.fault("an empty version")
        return version

    def member(self, kind: type[_Kind], text: str, what: str) -> _Kind:
        """Return the member of an enumeration that a text is the value of.

        Raises:
            ParseError: There is none.
        """
        try:
            return kind(text.strip())
        except ValueError:
            raise self.fault(f"{what} {text[:40]!r}") from None
