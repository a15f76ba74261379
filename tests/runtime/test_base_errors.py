from __future__ import annotations

import pytest

from sansio_sip.invite import RemoteBye
from trio_runtime.base import errors
from trio_runtime.base.types import SessionId


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_in_one_tree(name: str) -> None:
    """ERR-1."""
    assert issubclass(getattr(errors, name), errors.VoipError)


def test_error_is_one_clear_line_and_carries_session_and_context() -> None:
    """ERR-1."""
    error = errors.MediaError("no audio", session_id=SessionId("s1"), context={"port": 4000})
    assert str(error) == "no audio"
    assert error.session_id == "s1"
    assert error.context == {"port": 4000}


def test_failure_carries_status_and_phrase() -> None:
    """ERR-1, ERR-2."""
    assert str(errors.SipFailure(486, "Busy Here")) == "486 Busy Here"
    rejected = errors.CallRejected(603, "")
    assert str(rejected) == "call rejected: 603"
    assert (rejected.status_code, rejected.reason) == (603, "")


def test_configuration_error_names_the_field() -> None:
    """ERR-1."""
    error = errors.ConfigurationError("must be positive", field="t1")
    assert error.field == "t1"
    assert str(error) == "t1: must be positive"


def test_a_taken_port_is_a_network_error() -> None:
    """ERR-1."""
    for kind in (errors.PortInUseError, errors.PortsExhaustedError, errors.ResolutionError):
        assert issubclass(kind, errors.NetworkError)


def test_the_end_of_a_call_keeps_its_value() -> None:
    """ERR-1."""
    assert errors.CallEnded("bob hung up", end=RemoteBye()).end == RemoteBye()
