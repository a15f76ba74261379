"""Every field of the configurations of the ready servers has a mistake that is told (ERR-1)."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from trio_runtime import B2buaConfig, ConfigurationError, HeaderPolicy, Leg, ProxyServerConfig
from trio_runtime.base.endpoint_config import EndpointConfig

BAD: dict[type[Any], dict[str, Any]] = {
    ProxyServerConfig: {
        "domains": ("",),
        "hosts": ("a\nb",),
        "registrar": 1,
        "inbound": 1,
        "relay_foreign": "perhaps",
        "record_route": 1,
        "recurse": None,
        "flow_transports": ("udp",),
        "timer_c": 180,
        "route_timeout": 0,
        "max_routing": 0,
        "max_requests": 0,
        "max_transactions": 0.5,
        "max_targets": 0,
        "max_branches": 61,
        "max_flows": 0,
    },
    B2buaConfig: {
        "headers": ("Subject",),
        "caller": "nobody",
        "transfers": "perhaps",
        "media": "through",
        "pass_messages": "yes",
        "pass_info": 1,
        "ring_time": 0,
        "route_timeout": 31,
    },
    HeaderPolicy: {"allow": ("Via",), "deny": ("",)},
    Leg: {
        "uri": "bob",
        "ring_time": 0,
        "account": 7,
        "headers": (("Subject", "a\r\nVia: b"),),
        "media": "no",
    },
}
CASES = [(kind, name, value) for kind, fields in BAD.items() for name, value in fields.items()]


@pytest.mark.parametrize(("kind", "name", "value"), CASES, ids=[f"{k.__name__}.{n}" for k, n, _ in CASES])
def test_mistake_is_refused_where_it_is_made(kind: type[Any], name: str, value: object) -> None:
    """ERR-1, COO-6: at construction, in one line that begins with the field."""
    needed = {} if kind is not Leg or name == "uri" else {"uri": "sip:bob@example.com"}
    with pytest.raises(ConfigurationError) as caught:
        kind(**needed, **{name: value})
    assert caught.value.field == name
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", list(BAD), ids=[kind.__name__ for kind in BAD])
def test_table_has_every_field(kind: type[Any]) -> None:
    """COO-6: a new field needs a row; those that an endpoint has stand in another table."""
    inherited = {field.name for field in attrs.fields(EndpointConfig)}
    own = {field.name for field in attrs.fields(kind)} - (inherited if kind is ProxyServerConfig else set())
    assert own == set(BAD[kind])
