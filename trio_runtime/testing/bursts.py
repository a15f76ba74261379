"""Losses that come in bursts: the model of Gilbert and Elliott, a link that is good or bad for a while."""

from __future__ import annotations

import random

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between

__all__ = ["BurstLoss", "BurstState", "bursts_of"]

_probability = between(0, 1)


@attrs.frozen(kw_only=True)
class BurstLoss:
    """How a link turns bad and good again, a step for each datagram.

    Attributes:
        begin: Probability that a good link is bad from the next datagram on.
        end: Probability that a bad link is good from the next datagram on; bad times have 1 / `end`
            datagrams on average.
        loss_bad: Probability that a datagram is lost while the link is bad.
        loss_good: Probability that a datagram is lost while the link is good.
    """

    begin: float = attrs.field(validator=_probability)
    end: float = attrs.field(validator=_probability)
    loss_bad: float = attrs.field(default=1.0, validator=_probability)
    loss_good: float = attrs.field(default=0.0, validator=_probability)

    @property
    def mean_loss(self) -> float:
        """The share of all datagrams that is lost in the long run."""
        if not self.begin:
            return self.loss_good
        bad = self.begin / (self.begin + self.end)
        return bad * self.loss_bad + (1 - bad) * self.loss_good


def bursts_of(loss: float, datagrams: float) -> BurstLoss:
    """Return the model that loses a share of all datagrams in bursts of a mean length.

    Args:
        loss: The share, from 0 to less than 1.
        datagrams: Mean length of a burst in datagrams, 1 at least.

    Raises:
        ConfigurationError: A value is out of range, or no such bursts can be.
    """
    if not 0 <= loss < 1:
        raise ConfigurationError(f"must be at least 0 and less than 1, not {loss!r}", field="loss")
    if datagrams < 1:
        raise ConfigurationError(f"must be at least 1 datagram, not {datagrams!r}", field="datagrams")
    begin = loss / (1 - loss) / datagrams
    if begin > 1:
        raise ConfigurationError(
            f"so much loss needs bursts of {loss / (1 - loss):.1f} datagrams at least", field="datagrams"
        )
    return BurstLoss(begin=begin, end=1 / datagrams)


class BurstState:
    """The state of one link; it draws from a source of its own, which disturbs no other fate."""

    __slots__ = ("_model", "_random", "bad")

    def __init__(self, model: BurstLoss, seed: str) -> None:
        """Begin with a good link."""
        self._model = model
        self._random = random.Random(seed)
        self.bad = False

    def follows(self, model: BurstLoss) -> bool:
        """Return whether this is the state of such a model."""
        return self._model == model

    def loses_next(self) -> bool:
        """Return whether the next datagram is lost."""
        model, draw = self._model, self._random.random
        lost, turn = draw(), draw()
        loses = lost < (model.loss_bad if self.bad else model.loss_good)
        if turn < (model.end if self.bad else model.begin):
            self.bad = not self.bad
        return loses
