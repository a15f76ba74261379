"""How many vectors there are: one that vanished would otherwise be a test less that nobody misses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sip.test_sdp_negotiate import EXCHANGES
from tests.sip.vectors import DATA, load, octets


def subscribe(name: str) -> Any:
    return json.loads((DATA.parent / "subscribe" / name).read_text(encoding="utf-8"))


COUNTS: dict[str, tuple[list[Any], int]] = {
    "rfc4475.json": (load("rfc4475.json")["messages"], 50),
    "rfc5118.json": (load("rfc5118.json")["messages"], 12),
    "rfc-messages.json": (load("rfc-messages.json")["messages"], 119),
    "rfc3665.json": (load("rfc3665.json")["messages"], 177),
    "rfc-sdp.json": (load("rfc-sdp.json")["cases"], 79),
    "offer-answer.json": (load("offer-answer.json")["cases"], 18),
    "digest.json": (load("digest.json")["vectors"], 14),
    "dialog-info.json": (subscribe("dialog-info.json")["documents"], 22),
    "message-summary.json": (subscribe("message-summary.json")["bodies"], 3),
}


@pytest.mark.parametrize("name", COUNTS)
def test_no_vector_has_vanished(name: str) -> None:
    """TST-4, MSG-7: and none stands twice."""
    vectors, count = COUNTS[name]
    assert len(vectors) == count
    assert len({json.dumps(vector, sort_keys=True) for vector in vectors}) == count


@pytest.mark.parametrize("name", COUNTS)
def test_page_of_origins_says_the_same(name: str) -> None:
    """TST-4: the number in `ORIGIN.md` is that of the file."""
    folder = "subscribe" if name in ("dialog-info.json", "message-summary.json") else "sip"
    page = (DATA.parent / folder / "ORIGIN.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if f"`{name}`" in line]
    number = len(EXCHANGES) if name == "offer-answer.json" else COUNTS[name][1]
    assert f" {number} " in line


def test_every_torture_message_has_its_octets() -> None:
    """MSG-7: the files are there, and none belongs to nothing."""
    for folder in ("rfc4475", "rfc5118"):
        vectors = load(f"{folder}.json")["messages"]
        assert all(len(octets(vector)) > 100 for vector in vectors)
        files = {Path(vector["file"]).name for vector in vectors}
        assert files == {path.name for path in (DATA / folder).iterdir()}
