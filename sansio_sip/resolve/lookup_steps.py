"""The steps of a lookup: what each answer means for the next question (RFC 3263 §4.1, §4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..machine import Endpoint
from ..table import TableMachine
from .plan import is_numeric
from .records import AddressRecord, NaptrRecord, QuestionKey, RecordType, SrvRecord, clean_name
from .services import Service, default_port, is_secure, naptr_services, srv_service
from .srv import is_refusal, order_srv
from .states import LookupInput, LookupState
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids
    from ..message import Message
    from .config import ResolverConfig
    from .plan import Plan
    from .records import Record

__all__ = ["Asker", "LookupSteps"]

_I = LookupInput


class Asker(Protocol):
    """Who asks the DNS for a lookup and hears its result."""

    def ask(self, key: QuestionKey, lookup: LookupSteps) -> tuple[Record, ...] | None:
        """Return what is known already, else ask and return ``None``."""
        ...

    def done(self, lookup: LookupSteps, targets: tuple[Target, ...], cause: str) -> None:
        """Take the result; without targets the cause says why."""
        ...


class _Candidate(NamedTuple):
    """A server by name, or by number already."""

    transport: str
    host: str
    port: int


class LookupSteps(TableMachine[LookupState, LookupInput]):
    """Data and steps of one lookup; see `Lookup`."""

    __slots__ = ("_answers", "_asker", "_candidates", "_cause", "_config", "_ids", "_naptr", "_services",
                 "_waiting", "plan", "query")  # fmt: skip

    def __init__(
        self, query: int, plan: Plan, config: ResolverConfig, *, now: float, ids: Ids, asker: Asker
    ) -> None:
        super().__init__(LookupState.IDLE, now)
        self.query = query
        self.plan = plan
        self._config = config
        self._ids = ids
        self._asker = asker
        self._answers: dict[QuestionKey, tuple[Record, ...]] = {}
        self._waiting: set[QuestionKey] = set()
        self._naptr: list[Service] = []
        self._services: list[Service] = []
        self._candidates: list[_Candidate] = []
        self._cause = f"{plan.host} has no address"

    # Asking

    def _ask(self, keys: Iterable[QuestionKey]) -> None:
        wanted = list(dict.fromkeys(keys))
        self._waiting.update(wanted)
        for key in wanted:
            records = self._asker.ask(key, self)
            if records is not None:
                self._answers[key] = records
                self._waiting.discard(key)
        if not self._waiting:
            self._proceed()

    def _proceed(self) -> None:
        if self.state is LookupState.ASKING_NAPTR:
            self._after_naptr()
        elif self.state is LookupState.ASKING_SRV:
            self._after_srv()
        else:
            self._fire(_I.FOUND if self._targets() else _I.NOT_FOUND)

    def _ask_naptr(self, _message: Message | None = None) -> None:
        self._ask([(RecordType.NAPTR, self.plan.host)])

    def _ask_srv(self, _message: Message | None = None) -> None:
        self._ask([(RecordType.SRV, service.name) for service in self._services])

    def _ask_addresses(self, _message: Message | None = None) -> None:
        self._candidates = self._candidates[: self._config.max_targets]
        names = [candidate.host for candidate in self._candidates if not is_numeric(candidate.host)]
        self._ask([(RecordType(family), name) for name in names for family in self._config.families])

    # What the answers mean

    def _after_naptr(self) -> None:
        records = self._answers[RecordType.NAPTR, self.plan.host]
        naptrs = [record for record in records if isinstance(record, NaptrRecord)]
        transports = self.plan.transports
        self._naptr = naptr_services(naptrs, transports)
        if self.plan.all_of_them:  # too large for UDP, whatever the domain prefers
            self._naptr.sort(key=lambda service: service.transport == "UDP")
        if not self._use_next_naptr():
            # No NAPTR that could be used: ask for every transport that we have.
            self._services = [srv_service(transport, self.plan.host) for transport in transports]
            self._fire(_I.ASK_SRV)

    def _use_next_naptr(self) -> bool:
        if not self._naptr:
            return False
        service = self._naptr.pop(0)
        if service.direct:
            port = default_port(service.transport)
            self._candidates = [_Candidate(service.transport, service.name, port)]
            self._fire(_I.ASK_ADDRESSES)
        else:
            self._services = [service]
            self._fire(_I.ASK_SRV)
        return True

    def _after_srv(self) -> None:
        refused = False
        for service in self._services:
            records = self._srv_of(service)
            if is_refusal(records):
                refused = True
                continue
            self._candidates += self._servers(service.transport, records)
            if self._candidates and not self.plan.all_of_them:
                break  # the preferred transport that the domain has
        if self._candidates:
            self._fire(_I.ASK_ADDRESSES)
        elif not self._use_next_naptr():
            self._without_srv(refused)

    def _without_srv(self, refused: bool) -> None:
        if refused:  # "the service is decidedly not available at this domain" (RFC 2782)
            self._cause = "the domain does not offer this service"
            self._fire(_I.NOT_FOUND)
        else:
            self.use_host()
            self._fire(_I.ASK_ADDRESSES)

    def _srv_of(self, service: Service) -> list[SrvRecord]:
        records = self._answers[RecordType.SRV, service.name]
        return [record for record in records if isinstance(record, SrvRecord)]

    def _servers(self, transport: str, records: list[SrvRecord]) -> list[_Candidate]:
        ids = None if self._config.deterministic else self._ids
        return [
            _Candidate(transport, name, record.port)
            for record in order_srv(records, ids)
            if (name := clean_name(record.target)) and 0 < record.port < 65_536
        ]

    def use_host(self) -> None:
        """Take the host itself as the server, at the port of the URI or the default one (§4.2)."""
        plan = self.plan
        transports = plan.transports if plan.all_of_them else _defaults(plan.transports)
        self._candidates = [
            _Candidate(transport, plan.host, plan.port or default_port(transport)) for transport in transports
        ]

    def _targets(self) -> tuple[Target, ...]:
        targets: dict[Target, None] = {}
        for transport, host, port in self._candidates:
            for address in self._addresses(host):
                targets[Target(Endpoint(transport, address, port), self.plan.domain)] = None
        return tuple(targets)[: self._config.max_targets]

    def _addresses(self, host: str) -> list[str]:
        if is_numeric(host):
            return [host]
        return [
            record.address
            for family in self._config.families
            for record in self._answers.get((RecordType(family), host), ())
            if isinstance(record, AddressRecord) and is_numeric(record.address)
        ]


def _defaults(transports: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one transport for a host without SRV records: UDP, or TLS for ``sips`` (§4.1)."""
    wanted = "TLS" if all(is_secure(name) for name in transports) else "UDP"
    return (wanted if wanted in transports else transports[0],)
