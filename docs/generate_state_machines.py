"""Write `docs/state-machines.md` from the tables the code runs: `python docs/generate_state_machines.py`."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from sansio_sip.invite import (
    MODIFY_TABLE,
    NOTIFY_TABLE,
    OFFER_IN_RESPONSE_TABLE,
    OFFER_TABLE,
    RECOVERY_TABLE,
    REFER_CLIENT_TABLE,
    REFER_SERVER_TABLE,
    REINVITE_TABLE,
    RELIABLE_TABLE,
    RESTORED_TABLE,
    SESSION_TIMER_TABLE,
    InviteClient,
    InviteServer,
)
from sansio_sip.proxy.branch import Branch
from sansio_sip.proxy.context import ResponseContext
from sansio_sip.register import REGISTRATION_TABLE
from sansio_sip.resolve import LOOKUP_TABLE
from sansio_sip.subscribe import NOTIFIER_TABLE, PUBLISHER_TABLE, SUBSCRIPTION_TABLE, WATCHER_TABLE
from sansio_sip.table import Table
from sansio_sip.transaction import ClientInvite, ClientNonInvite, ServerInvite, ServerNonInvite
from trio_runtime.base.types import CallState
from trio_runtime.queue.core.agent_table import DUTY, WORK
from trio_runtime.session import TRANSITIONS

TARGET = Path(__file__).with_name("state-machines.md")
TABLES: tuple[Table[Any, Any, Any], ...] = (
    ClientInvite.table,
    ClientNonInvite.table,
    ServerInvite.table,
    ServerNonInvite.table,
    InviteClient.table,
    InviteServer.table,
    RELIABLE_TABLE,
    OFFER_TABLE,
    OFFER_IN_RESPONSE_TABLE,
    REINVITE_TABLE,
    MODIFY_TABLE,
    SESSION_TIMER_TABLE,
    REFER_CLIENT_TABLE,
    REFER_SERVER_TABLE,
    NOTIFY_TABLE,
    RECOVERY_TABLE,
    RESTORED_TABLE,
    WATCHER_TABLE,
    SUBSCRIPTION_TABLE,
    NOTIFIER_TABLE,
    PUBLISHER_TABLE,
    REGISTRATION_TABLE,
    LOOKUP_TABLE,
    ResponseContext.table,
    Branch.table,
)


def diagram(edges: dict[tuple[str, str], list[str]]) -> list[str]:
    """Return a Mermaid state diagram; inputs that lead the same way share an arrow."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {old} --> {new}: {', '.join(inputs)}" for (old, new), inputs in edges.items()]
    return [*lines, "```"]


def section(table: Table[Any, Any, Any]) -> list[str]:
    """Return the diagram and the rows of one table."""
    edges: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = ["| state | input | next state | actions |", "|---|---|---|---|"]
    for (state, what), rule in table.rows.items():
        edges[state.name, rule.state.name].append(what.name)
        actions = ", ".join(action.__name__.strip("_").replace("_", " ") for action in rule.actions)
        rows.append(f"| {state.name} | {what.name} | {rule.state.name} | {actions} |")
    ignored = sorted(f"{state.name}/{what.name}" for state, what in table.ignored)
    owned = ", ".join(sorted(state.name for state in table.user_owned)) or "none"
    return [
        f"## {table.name[0].upper()}{table.name[1:]}",
        "",
        *diagram(edges),
        "",
        *rows,
        "",
        f"Legal and without effect: {', '.join(ignored) or 'none'}.",
        "",
        f"Without a timer, ended by the machine's user: {owned}.",
        "",
    ]


def call_states() -> list[str]:
    """Return the diagram of what an application sees."""
    edges = sorted((old.name, new.name) for old in CallState for new in TRANSITIONS[old])
    lines = [f"    {old} --> {new}" for old, new in edges]
    return [
        "## Call states as an application sees them",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *lines,
        "```",
        "",
    ]


def agent_states() -> list[str]:
    """Return the diagrams of an agent of a call centre."""
    lines: list[str] = []
    tables: tuple[tuple[str, dict[Any, Any]], ...] = (
        ("Whether an agent of a call centre wants calls", DUTY),
        ("What an agent of a call centre does", WORK),
    )
    for title, rows in tables:
        edges: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (state, what), after in rows.items():
            edges[state.name, after.name].append(what.name)
        lines += [f"## {title}", "", *diagram(edges), ""]
    return lines


def generate() -> str:
    """Return the whole page."""
    head = [
        "# State machines",
        "",
        "Generated from the tables by `docs/generate_state_machines.py`; do not edit.",
        "",
    ]
    body = [line for table in TABLES for line in section(table)]
    return "\n".join([*head, *body, *call_states(), *agent_states()]).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate())
