"""XML elements of small documents, and how they are written (XML 1.0, Namespaces 1.0)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ..errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["XmlElement", "without_illegal", "write_xml"]

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# Characters that no XML document can hold, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
# White space would be read back as plain spaces if it were not escaped.
_IN_ATTRIBUTE = _IN_TEXT | {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


@attrs.define
class XmlElement:
    """One element.

    Attributes:
        namespace: Namespace name; empty for none.
        name: Local name.
        attributes: Values by local name; those of a namespace by ``namespace name``.
        children: Elements inside.
        text: Character data before the first child.
    """

    namespace: str
    name: str
    attributes: dict[str, str] = attrs.field(factory=dict[str, str])
    children: list[XmlElement] = attrs.field(factory=lambda: list[XmlElement]())
    text: str = ""

    def add(self, name: str, text: str = "", /, **attributes: str) -> XmlElement:
        """Append a child of the same namespace and return it."""
        child = XmlElement(self.namespace, name, dict(attributes), [], text)
        self.children.append(child)
        return child

    def find_all(self, namespace: str, name: str) -> Iterator[XmlElement]:
        """Walk through the children of a name."""
        return (child for child in self.children if child.name == name and child.namespace == namespace)

    def find(self, namespace: str, name: str) -> XmlElement | None:
        """Return the first child of a name, or None."""
        return next(self.find_all(namespace, name), None)

    def text_of(self, namespace: str, name: str) -> str:
        """Return the text of the first child of a name without white space around it; empty when absent."""
        child = self.find(namespace, name)
        return "" if child is None else child.text.strip()


def without_illegal(text: str) -> str:
    """Return a text of somebody else's, such as a display name, without what no XML document can hold."""
    return _ILLEGAL.sub("", text)


def write_xml(root: XmlElement, prefixes: Mapping[str, str]) -> bytes:
    """Write a document in UTF-8.

    Args:
        root: The element of the document.
        prefixes: Prefix of each namespace that occurs; the empty prefix is the default one.

    Raises:
        LocalProtocolError: A text holds a character that XML does not have.
    """
    declared = "".join(
        f' xmlns{":" if prefix else ""}{prefix}="{_escape(name, _IN_ATTRIBUTE)}"'
        for name, prefix in prefixes.items()
    )
    parts = [_HEAD]
    _write(root, prefixes, parts, declared)
    return "".join(parts).encode()


def _write(element: XmlElement, prefixes: Mapping[str, str], parts: list[str], declared: str = "") -> None:
    prefix = prefixes[element.namespace]
    tag = f"{prefix}:{element.name}" if prefix else element.name
    given = "".join(
        f' {name}="{_escape(value, _IN_ATTRIBUTE)}"' for name, value in element.attributes.items()
    )
    if not element.children and not element.text:
        parts.append(f"<{tag}{declared}{given}/>")
        return
    parts.append(f"<{tag}{declared}{given}>{_escape(element.text, _IN_TEXT)}")
    for child in element.children:
        _write(child, prefixes, parts)
    parts.append(f"</{tag}>")


def _escape(text: str, table: dict[str, str]) -> str:
    if _ILLEGAL.search(text) is not None:
        raise LocalProtocolError(f"a character that XML cannot hold in {text[:80]!r}")
    return "".join([table.get(character, character) for character in text])
