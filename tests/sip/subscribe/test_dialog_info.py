"""Dialog information (RFC 4235)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from sansio_sip.errors import ParseError
from sansio_sip.subscribe import (
    DialogEntry,
    DialogInfo,
    DialogInfoState,
    DialogInfoTable,
    DialogParticipant,
    DialogProgress,
    ReplacedDialog,
    build_dialog_info,
    parse_dialog_info,
)

DATA = Path(__file__).parents[2] / "data" / "subscribe" / "dialog-info.json"
DOCUMENTS: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["documents"]
ALICE = DialogParticipant(
    "sip:alice@example.com", 'Alice "A" & <B>', "sip:alice@192.0.2.1", (("isfocus", "true"),)
)
FULL = DialogEntry(
    id="1", progress=DialogProgress.CONFIRMED, call_id='a"b\'c', local_tag="l", remote_tag="r",
    direction="initiator", code=200, duration=274, local=ALICE,
    remote=DialogParticipant("sip:bob@example.com"),
    replaces=ReplacedDialog("c", "l", "r"), referred_by="sip:carol@example.com",
)  # fmt: skip


def entry(id: str, progress: DialogProgress = DialogProgress.EARLY, **values: Any) -> DialogEntry:
    return DialogEntry(id=id, progress=progress, **values)


def document(version: int, *entries: DialogEntry, full: bool = False) -> DialogInfo:
    return DialogInfo("sip:alice@example.com", version, full, entries)


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
def test_document_of_the_rfc_is_read_and_survives_a_round_trip(number: int) -> None:
    """SRV-6: RFC 4235 §3.6, §4.1, §4.2, §6: with the mistakes that its examples make."""
    example = DOCUMENTS[number]
    if "defect" in example:
        with pytest.raises(ParseError):
            parse_dialog_info(example["text"].encode())
        return
    read = parse_dialog_info(example["text"].encode())
    assert parse_dialog_info(build_dialog_info(read)) == read


def test_shared_line_of_the_rfc_adds_up() -> None:
    """SRV-6: RFC 4235 §4.3, §6.2: idle, seized, dialing, ringing, voicemail, replaced, ended, idle."""
    table, seen = DialogInfoTable(), []
    for example in DOCUMENTS:
        if example["section"] == "6.2" and "defect" not in example:
            missed = table.receive(parse_dialog_info(example["text"].encode()))
            seen.append((missed, [(one.id, one.progress.value) for one in table.dialogs]))
    assert seen == [
        (False, []),
        (False, [("as7d900as8", "trying")]),
        (False, [("as7d900as8", "trying")]),
        (False, [("as7d900as8", "early")]),
        (False, [("zxcvbnm3", "confirmed")]),
        (False, [("sfhjsjk12", "confirmed")]),
        (False, [("sfhjsjk12", "confirmed")]),
        (True, [("08hjh1345", "trying")]),  # number 7 is the one with the defect: a gap
        (False, []),
    ]


def test_everything_survives_a_document() -> None:
    """SRV-6: RFC 4235 §4.1: every attribute and element, escaped."""
    whole = document(
        2**32 - 1, FULL, entry("2", DialogProgress.TERMINATED, event="rejected", code=486), full=True
    )
    assert parse_dialog_info(build_dialog_info(whole)) == whole


@pytest.mark.parametrize("progress", DialogProgress)
def test_states_are_those_of_the_rfc(progress: DialogProgress) -> None:
    """SRV-6: RFC 4235 §3.7.1: trying, proceeding, early, confirmed, terminated."""
    assert f"<state>{progress.value}</state>".encode() in build_dialog_info(document(0, entry("1", progress)))


@pytest.mark.parametrize(("old", "new"), [
    ('version="0"', ""), ('version="0"', 'version="x"'), ('version="0"', 'version="4294967296"'),
    ('state="partial"', ""), ('state="partial"', 'state="odd"'), ('id="1"', ""), ("early", "odd"),
    ("<state>early</state>", ""), ("dialog-info", "dialog-inf"), ("<state>", '<state code="x">'),
])  # fmt: skip
def test_damaged_document_is_refused(old: str, new: str) -> None:
    """SRV-6: RFC 4235 §4.1, §4.4."""
    text = build_dialog_info(document(0, entry("1"))).decode()
    assert old in text
    with pytest.raises(ParseError):
        parse_dialog_info(text.replace(old, new).encode())


def test_older_documents_are_discarded_and_gaps_ask_for_a_refresh() -> None:
    """SRV-6: RFC 4235 §4.3."""
    table = DialogInfoTable()
    assert table.receive(document(5, entry("1"), full=True)) is False
    assert table.receive(document(6, entry("2"))) is False
    assert table.receive(document(4, entry("3"))) is False
    assert table.receive(document(6, entry("3"))) is False
    assert [one.id for one in table.dialogs] == ["1", "2"]
    assert table.receive(document(9, entry("4"))) is True, "7 and 8 are missing"
    assert [one.id for one in table.dialogs] == ["1", "2", "4"], "it is processed all the same"
    assert table.receive(document(12, entry("5"), full=True)) is False, "nothing is missing from all"
    assert [one.id for one in table.dialogs] == ["5"]
    assert DialogInfoTable().receive(document(3, entry("1"))) is True


def test_what_a_partial_state_leaves_out_stays() -> None:
    """SRV-6: RFC 4235 §4.1.6.1, §4.1.6.2."""
    table = DialogInfoTable()
    table.receive(document(0, FULL, full=True))
    target = DialogParticipant(target="sip:alice@192.0.2.9")
    table.receive(document(1, attrs.evolve(FULL, local=target, remote=DialogParticipant(), code=None)))
    (known,) = table.dialogs
    assert known.local == DialogParticipant(ALICE.identity, ALICE.display_name, "sip:alice@192.0.2.9")
    assert known.remote == FULL.remote
    assert known.code is None
    table.receive(document(2, attrs.evolve(FULL, local=DialogParticipant("sip:al@example.com"))))
    assert table.dialogs[0].local == DialogParticipant("sip:al@example.com", target="sip:alice@192.0.2.9")


def test_table_is_bounded() -> None:
    """SRV-6, law 8."""
    table = DialogInfoTable(max_dialogs=3)
    table.receive(document(0, *[entry(str(n)) for n in range(9)], full=True))
    assert len(table.dialogs) == 3
    assert table.left_out == 6


def test_state_of_a_notifier_is_full_or_tells_what_changed() -> None:
    """SRV-6: RFC 4235 §3.3, §3.7: partial unless asked; a document without dialogs is full."""
    state = DialogInfoState("sip:alice@example.com", (entry("1"), entry("2")), frozenset({"2"}))
    assert state.content_type == "application/dialog-info+xml"
    partial = parse_dialog_info(state.document(3, full=False))
    assert (partial.version, partial.full, [one.id for one in partial.dialogs]) == (3, False, ["2"])
    full = parse_dialog_info(state.document(4, full=True))
    assert (full.version, full.full, [one.id for one in full.dialogs]) == (4, True, ["1", "2"])
    idle = parse_dialog_info(DialogInfoState("sip:alice@example.com").document(5, full=False))
    assert (idle.full, idle.dialogs) == (True, ())
