"""What a back-to-back user agent does with the calls that go through it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import attrs

from trio_runtime.b2bua.headers import HeaderPolicy
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between, choice, flag, part

__all__ = ["B2buaConfig", "MediaMode"]

MediaMode: TypeAlias = Literal["anchor", "pass"]
"""Where the media of calls goes; see `B2buaConfig`."""


@attrs.frozen(kw_only=True)
class B2buaConfig:
    """How calls are passed on; the rest is `CoordinatorConfig`.

    Attributes:
        headers: Which header fields pass.
        caller: Whom the callee sees: ``pass`` shows the caller's own address, ``own`` that of the
            coordinator. The account that a `Leg` names goes before both.
        transfers: What becomes of a REFER: ``follow`` makes the new call here, so that each side keeps its
            one call with us; ``pass`` sends it on to the other side, whose phone has to do it (but for an
            attended one, which names a call of ours); ``refuse`` is 603, and 403 for who wants the place of
            another call.
        media: Where audio and video go: ``anchor`` through us, one call on each side; ``pass`` from phone to
            phone, as session descriptions pass as they are. A `Leg` may say otherwise. ``pass`` needs another
            ``transfers`` than ``follow``: the new call would know nothing of what the one before has agreed.
        pass_messages: Whether a MESSAGE in a call goes on to the other side, and one outside of calls where
            ``route_message`` of `open_b2bua` says; not where `RequestsConfig.content_types` takes them here.
        pass_info: Whether an INFO in a call goes on to the other side, of whatever package; where media is
            anchored, keys in it are keys of the call all the same.
        ring_time: Seconds that each target may ring where a `Leg` says nothing else.
        route_timeout: Seconds that `route` may take; then the call gets 500.
    """

    headers: HeaderPolicy = attrs.field(factory=HeaderPolicy, validator=part(HeaderPolicy))
    caller: str = attrs.field(default="pass", validator=choice("pass", "own"))
    transfers: str = attrs.field(default="follow", validator=choice("follow", "pass", "refuse"))
    media: MediaMode = attrs.field(default="anchor", validator=choice("anchor", "pass"))
    pass_messages: bool = attrs.field(default=True, validator=flag)
    pass_info: bool = attrs.field(default=True, validator=flag)
    ring_time: float = attrs.field(default=180.0, validator=between(0.1, 600, " s"))
    route_timeout: float = attrs.field(default=10.0, validator=between(0.001, 30, " s"))

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields."""
        self._check(self.media)

    @property
    def passed_methods(self) -> tuple[str, ...]:
        """Methods of requests that go on to the other side."""
        wanted = {"INFO": self.pass_info, "MESSAGE": self.pass_messages}
        return tuple([method for method, wanted_so in wanted.items() if wanted_so])

    def passes(self, modes: Iterable[MediaMode | None]) -> bool:
        """Return whether descriptions pass to targets that ring together.

        Args:
            modes: What each wants; None is what the configuration says.

        Raises:
            ConfigurationError: They do not want the same, or transfers are followed.
        """
        wanted = {mode or self.media for mode in modes}
        if len(wanted) > 1:
            raise ConfigurationError("must be the same for all that ring together", field="media")
        for mode in wanted:
            self._check(mode)
        return "pass" in wanted

    def _check(self, mode: MediaMode) -> None:
        if mode == "pass" and self.transfers == "follow":
            wanted = "must be pass or refuse where media passes from phone to phone"
            raise ConfigurationError(wanted, field="transfers")
