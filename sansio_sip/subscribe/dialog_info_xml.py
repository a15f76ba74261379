"""Dialog information as XML (RFC 4235 §4)."""

from __future__ import annotations

from ..errors import ParseError
from ..message.scalars import parse_number
from .dialog_info import DialogEntry, DialogInfo, DialogParticipant, DialogProgress, ReplacedDialog
from .xml_element import XmlElement, write_xml
from .xml_reader import read_xml_untrusted

__all__ = ["DIALOG_INFO_TYPE", "build_dialog_info", "parse_dialog_info"]

DIALOG_INFO_TYPE = "application/dialog-info+xml"

_NS = "urn:ietf:params:xml:ns:dialog-info"
_DIRECTIONS = ("initiator", "recipient")
_MAX_NUMBER = 2**32 - 1


def build_dialog_info(document: DialogInfo) -> bytes:
    """Write a document.

    Raises:
        LocalProtocolError: A text holds a character that XML does not have.
    """
    state = "full" if document.full else "partial"
    head = {"version": str(document.version), "state": state, "entity": document.entity}
    root = XmlElement(_NS, "dialog-info", head)
    for entry in document.dialogs:
        _add_dialog(root, entry)
    return write_xml(root, {_NS: ""})


def _add_dialog(root: XmlElement, entry: DialogEntry) -> None:
    element = root.add("dialog")
    named = (
        ("id", entry.id), ("call-id", entry.call_id), ("local-tag", entry.local_tag),
        ("remote-tag", entry.remote_tag), ("direction", entry.direction),
    )  # fmt: skip
    element.attributes |= {name: value for name, value in named if value or name == "id"}
    state = element.add("state", entry.progress.value)
    if entry.event:
        state.attributes["event"] = entry.event
    if entry.code is not None:
        state.attributes["code"] = str(entry.code)
    if entry.duration is not None:
        element.add("duration", str(entry.duration))
    if entry.replaces is not None:
        replaced = entry.replaces
        ids = {
            "call-id": replaced.call_id,
            "local-tag": replaced.local_tag,
            "remote-tag": replaced.remote_tag,
        }
        element.add("replaces").attributes.update(ids)
    if entry.referred_by:
        element.add("referred-by", entry.referred_by)
    _add_participant(element, "local", entry.local)
    _add_participant(element, "remote", entry.remote)


def _add_participant(dialog: XmlElement, name: str, participant: DialogParticipant) -> None:
    if participant == DialogParticipant():
        return
    element = dialog.add(name)
    if participant.identity:
        identity = element.add("identity", participant.identity)
        if participant.display_name:
            identity.attributes["display"] = participant.display_name
    if participant.target:
        target = element.add("target", uri=participant.target)
        for key, value in participant.target_params:
            target.add("param", pname=key, pval=value)


def parse_dialog_info(data: bytes) -> DialogInfo:
    """Read a document; what it does not define is left out.

    Raises:
        ParseError: It is no dialog information, or a version, state or id is missing or damaged.
    """
    root = read_xml_untrusted(data)
    if (root.namespace, root.name) != (_NS, "dialog-info"):
        raise _bad(f"the document is a {root.name!r}")
    version = _number(root.attributes.get("version"))
    if version is None:
        raise _bad("no version")
    state = root.attributes.get("state", root.attributes.get("notify-state"))  # the second is in an example
    if state not in ("full", "partial"):
        raise _bad(f"state {state!r}")
    dialogs = tuple(map(_entry_of, root.find_all(_NS, "dialog")))
    return DialogInfo(root.attributes.get("entity", ""), version, state == "full", dialogs)


def _entry_of(element: XmlElement) -> DialogEntry:
    given = element.attributes
    state = element.find(_NS, "state")
    if state is None or not given.get("id"):
        raise _bad("a dialog without id or state")
    direction = given.get("direction", "")
    return DialogEntry(
        id=given["id"],
        progress=_progress(state.text.strip()),
        call_id=given.get("call-id", ""),
        local_tag=given.get("local-tag", ""),
        remote_tag=given.get("remote-tag", ""),
        direction=direction if direction in _DIRECTIONS else "",
        # The examples of RFC 4235 §6.2 write "reason" where its schema has "event".
        event=state.attributes.get("event", state.attributes.get("reason", "")),
        code=_number(state.attributes.get("code")),
        duration=_number(element.text_of(_NS, "duration") or None),
        local=_participant_of(element.find(_NS, "local")),
        remote=_participant_of(element.find(_NS, "remote")),
        replaces=_replaced_of(element.find(_NS, "replaces")),
        referred_by=element.text_of(_NS, "referred-by"),
    )


def _progress(text: str) -> DialogProgress:
    try:
        return DialogProgress(text)
    except ValueError:
        raise _bad(f"a dialog in state {text[:40]!r}") from None


def _participant_of(element: XmlElement | None) -> DialogParticipant:
    if element is None:
        return DialogParticipant()
    identity, target = element.find(_NS, "identity"), element.find(_NS, "target")
    params = () if target is None else target.find_all(_NS, "param")
    return DialogParticipant(
        identity=element.text_of(_NS, "identity"),
        # The schema says "display-name", the text and all phones "display".
        display_name="" if identity is None else _first(identity, "display", "display-name"),
        target="" if target is None else target.attributes.get("uri", ""),
        target_params=tuple((_first(param, "pname"), _first(param, "pval")) for param in params),
    )


def _replaced_of(element: XmlElement | None) -> ReplacedDialog | None:
    if element is None:
        return None
    return ReplacedDialog(*(_first(element, name) for name in ("call-id", "local-tag", "remote-tag")))


def _first(element: XmlElement, *names: str) -> str:
    return next((element.attributes[name] for name in names if name in element.attributes), "")


def _number(text: str | None) -> int | None:
    return None if text is None else parse_number(text.strip(), "dialog-info", _MAX_NUMBER)


def _bad(message: str) -> ParseError:
    return ParseError(f"no dialog information: {message}", error_class="body", rule="RFC 4235 §4.1")
