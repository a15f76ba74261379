"""Objects that a proxy asks while it works, beside its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..auth import SecretLookup
    from ..register import BindingStore

__all__ = ["ProxyBackends"]


@attrs.frozen(kw_only=True)
class ProxyBackends:
    """Objects of the application's own; every one may be left out.

    Attributes:
        store: Where the bindings of the registrar are kept; memory when ``None``.
        secrets: Knows the users that `AuthenticationConfig` does not list.
        owns: Tells whether a user name may register, and call as, an address of record; by default its own
            one only.
    """

    store: BindingStore | None = None
    secrets: SecretLookup | None = None
    owns: Callable[[str, str], bool] | None = None
