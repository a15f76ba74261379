"""The table of call endings is complete."""

from __future__ import annotations

from typing import get_args

import attrs
import pytest

from sansio_sip.invite import CallEnd, LocallyClosed, Rejected, RemoteBye
from trio_runtime.base.errors import CallEnded, CallError, CallRejected
from trio_runtime.base.types import SessionId
from trio_runtime.session import ENDINGS, call_error, describe_end


def make(kind: type[object]) -> CallEnd:
    """An end value with something in every field."""
    fields = attrs.fields(kind)  # type: ignore[arg-type]
    values = {f.name: 486 if f.type == "int" else True if f.type == "bool" else "word" for f in fields}
    end: CallEnd = kind(**values)  # type: ignore[assignment]
    return end


@pytest.mark.parametrize("kind", get_args(CallEnd))
def test_each_way_to_end_has_state_exception_and_exit_status(kind: type[object]) -> None:
    """ERR-2: one row for each end value: a final state, an exception, an exit status, a line of text."""
    row = ENDINGS[kind]
    assert row.state.is_final
    assert row.exit_status in (0, 1)
    end = make(kind)
    assert "{" not in describe_end(end)
    error = call_error(end, SessionId("s"))
    assert isinstance(error, CallError)
    assert "\n" not in str(error)


def test_rejection_keeps_its_status_and_others_their_end() -> None:
    """ERR-2: what a handler may need is in the exception."""
    rejected = call_error(Rejected(486, "Busy"), SessionId("s"))
    assert isinstance(rejected, CallRejected)
    assert (rejected.status_code, rejected.reason) == (486, "Busy")
    for end in (RemoteBye(), LocallyClosed()):
        error = call_error(end, SessionId("s"))
        assert isinstance(error, CallEnded)
        assert error.end == end
