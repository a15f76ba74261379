"""XML from strangers and XML that we write (XML 1.0)."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.subscribe import XmlElement, parse_dialog_info, parse_pidf, read_xml_untrusted, write_xml

LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(10))

DANGEROUS = {
    "entities": b'<?xml version="1.0"?><!DOCTYPE p [' + LAUGHS + b"]><p>&l9;</p>",
    "external entity": b'<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;</p>',
    "external document type": b'<!DOCTYPE p SYSTEM "http://192.0.2.1/p.dtd"><p/>',
    "plain document type": b"<!DOCTYPE p><p/>",
    "unknown entity": b"<p>&x;</p>",
    "too deep": b"<p>" * 40 + b"</p>" * 40,
    "too many": b"<p>" + b"<q/>" * 10_001 + b"</p>",
    "not closed": b"<p>",
    "nothing": b"",
    "two documents": b"<p/><p/>",
    "binary": bytes(range(256)),
    "not UTF-8": b'<?xml version="1.0" encoding="latin-1"?><p>\xe9</p>',
    "half UTF-16": b"\xff\xfe<\x00p",
    "lone surrogate in UTF-16": b"\xff\xfe\x00\xd8",
    "prefix of nobody": b"<x:p/>",
}


@pytest.mark.parametrize("name", DANGEROUS)
@pytest.mark.parametrize("parse", [read_xml_untrusted, parse_pidf, parse_dialog_info])
def test_dangerous_document_is_refused(name: str, parse: object) -> None:
    """SRV-6, SEC-2: no document type, no entity, no depth: RFC 3863 §4, RFC 4235 §4."""
    assert callable(parse)
    with pytest.raises(ParseError):
        parse(DANGEROUS[name])


@settings(max_examples=150)
@given(st.binary(max_size=200) | st.text(alphabet="<>/p=\"'&;! x[]", max_size=60).map(str.encode))
def test_any_octets_give_a_document_or_a_parse_error(data: bytes) -> None:
    """SRV-6, SEC-2."""
    for parse in (read_xml_untrusted, parse_pidf, parse_dialog_info):
        try:
            parse(data)
        except ParseError:
            continue


def test_utf_16_and_predefined_entities_are_read() -> None:
    """SRV-6: XML 1.0 §2.2, §4.1."""
    root = read_xml_untrusted(
        '<?xml version="1.0" encoding="UTF-16"?><p a="&quot;é&#x41;">&lt;ü</p>'.encode("utf-16")
    )
    assert (root.name, root.attributes, root.text) == ("p", {"a": '"éA'}, "<ü")


def test_namespaces_whatever_their_prefix() -> None:
    """SRV-6: Namespaces 1.0."""
    root = read_xml_untrusted(b'<a:p xmlns:a="urn:a" xmlns="urn:b"><q a:x="1" y="2">text<r/>tail</q></a:p>')
    assert (root.namespace, root.name) == ("urn:a", "p")
    (child,) = root.find_all("urn:b", "q")
    assert child.attributes == {"urn:a x": "1", "y": "2"}
    assert child.text == "text"
    assert root.find("urn:a", "q") is None
    assert root.text_of("urn:b", "q") == "text"
    assert root.text_of("urn:b", "z") == ""


PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
)


@settings(max_examples=60)
@given(PRINTABLE, PRINTABLE)
def test_what_is_written_is_read_back(text: str, value: str) -> None:
    """SRV-6: every character that XML has survives."""
    root = XmlElement("urn:a", "p", {"v": value + "\t\n\r"})
    root.add("q", text + "\r\n")
    again = read_xml_untrusted(write_xml(root, {"urn:a": "a"}))
    assert again.attributes["v"] == value + "\t\n\r"
    assert again.children[0].text == text + "\r\n"


@pytest.mark.parametrize("character", ["\0", "\x0b", "\ud800", "\uffff"])
def test_character_that_xml_does_not_have_cannot_be_written(character: str) -> None:
    """SRV-6, MSG-9."""
    with pytest.raises(LocalProtocolError):
        write_xml(XmlElement("", "p", {}, [], character), {"": ""})


def _pieces(size: int) -> int:
    """How many Python functions reading a text in many pieces calls."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    data = b"<p>" + b"a<!---->" * size + b"</p>"
    sys.setprofile(profile)
    try:
        assert read_xml_untrusted(data).text == "a" * size
    finally:
        sys.setprofile(None)
    return count


def test_cost_is_linear() -> None:
    """SEC-2: text that comes in many pieces is put together once."""
    assert _pieces(8_000) <= 8 * _pieces(1_000)
