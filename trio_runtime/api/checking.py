"""Refuses options that are no fields, before anything else is done with them."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from trio_runtime.base.errors import ConfigurationError

__all__ = ["check_fields"]


def check_fields(kind: type[attrs.AttrsInstance], names: Iterable[str]) -> None:
    """Check that a configuration has all these fields.

    Raises:
        ConfigurationError: There is no such field; it is named.
    """
    known = {field.name for field in attrs.fields(kind)}
    for name in names:
        if name not in known:
            raise ConfigurationError("there is no such field", field=name)
