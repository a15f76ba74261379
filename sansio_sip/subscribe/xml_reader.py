"""XML from strangers: no document type, no entities, bounded depth and size (RFC 3863 §4, RFC 4235 §4)."""

from __future__ import annotations

from xml.parsers import expat

from ..errors import ParseError
from .xml_element import XmlElement

__all__ = ["read_xml_untrusted"]

# Documents of event packages are flat; the deepest of their RFCs have six levels.
_MAX_DEPTH = 32
_MAX_ELEMENTS = 10_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _Refused(Exception):
    """Ends the parser from inside one of its handlers."""


class _Builder:
    __slots__ = ("count", "path", "roots", "texts")

    def __init__(self) -> None:
        self.count = 0
        self.path: list[XmlElement] = []
        self.roots: list[XmlElement] = []  # a document has one, or the parser has refused it
        self.texts: list[list[str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > _MAX_ELEMENTS or len(self.path) >= _MAX_DEPTH:
            raise _Refused("too many elements, or too deep")
        namespace, _, name = tag.rpartition(" ")
        element = XmlElement(namespace, name, attributes)
        if self.path:
            self.path[-1].children.append(element)
        else:
            self.roots.append(element)
        self.path.append(element)
        self.texts.append([])

    def end(self, _tag: str) -> None:
        self.path.pop().text = "".join(self.texts.pop())

    def characters(self, data: str) -> None:
        if not self.path[-1].children:  # of mixed content only the text before the first element counts
            self.texts[-1].append(data)

    def doctype(self, *_arguments: object) -> None:
        # Entities are declared there, and one that stands for many others fills the memory.
        raise _Refused("a document type")


def read_xml_untrusted(data: bytes) -> XmlElement:
    """Read a document; linear in its size.

    UTF-8 is assumed whatever the document says of itself, unless it begins as UTF-16.

    Raises:
        ParseError: It is not well-formed, has a document type, or is too large or too deep.
    """
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        if data[:2] in _UTF16:
            data = data.decode("utf-16").encode()
        parser.Parse(data, True)
    except (expat.ExpatError, _Refused, UnicodeError) as error:
        raise _bad(str(error)) from error
    return builder.roots[0]


def _bad(message: str) -> ParseError:
    return ParseError(f"not an XML document that is read: {message}", error_class="body", rule="XML 1.0")
