"""Objects that an agent asks while it works, beside its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..auth import SecretLookup
    from ..register import BindingStore

__all__ = ["AgentBackends"]


@attrs.frozen(kw_only=True)
class AgentBackends:
    """Objects of the application's own; every one may be left out.

    What they answer is no input of the agent, so a record of the agent does not have it: `replay` has to
    be given objects that answer alike. All else is in the configuration, as plain values.

    Attributes:
        store: Where bindings are kept; memory when ``None``.
        secrets: Knows the users that `AuthenticationConfig` does not list.
        owns: Tells whether a user name may register, and publish for, an address of record; by default
            its own one only.
        local_host: Gives our own numeric address towards a numeric host, empty when it does not know; asked
            for own addresses of ``any_interface``.
    """

    store: BindingStore | None = None
    secrets: SecretLookup | None = None
    owns: Callable[[str, str], bool] | None = None
    local_host: Callable[[str], str] | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the objects that there are."""
        names = [field.name for field in attrs.fields(AgentBackends)]
        return tuple([name for name in names if getattr(self, name) is not None])
