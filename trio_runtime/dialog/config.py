"""From the coordinator's configuration to the agent's: addresses, identity, credentials, timers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.agent import AdmissionConfig, AgentConfig
from sansio_sip.auth import Credentials
from sansio_sip.errors import ParseError
from sansio_sip.invite import RecoveryConfig, SessionTimerConfig
from sansio_sip.message import Uri, parse_uri, quote_string
from sansio_sip.pager import PagerConfig
from sansio_sip.resolve import ResolverConfig
from sansio_sip.subscribe import CONFERENCE
from sansio_sip.transaction import TimerConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.dialog.registrar_settings import inbound_authentication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sansio_sip.outbound import OwnAddress
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.limits_config import LimitsConfig

__all__ = ["admission_config", "agent_config", "families_of", "user_of"]


def user_of(config: CoordinatorConfig) -> str:
    """Return the user part of the configured address, empty when there is none."""
    if config.uri is None:
        return ""
    try:
        uri = parse_uri(config.uri)
    except ParseError as error:
        raise ConfigurationError(f"is no SIP URI: {config.uri!r} ({error})", field="uri") from error
    return (uri.user or "") if isinstance(uri, Uri) else ""


def agent_config(config: CoordinatorConfig, addresses: Sequence[OwnAddress]) -> AgentConfig:
    """Return the configuration of the agent.

    Args:
        config: The coordinator's configuration.
        addresses: Our addresses as they stand in messages; never a wildcard.

    Raises:
        ConfigurationError: A value cannot be used; the error names the field.
    """
    first = addresses[0]
    host, port = first.host, first.port
    user = user_of(config)
    at = f"{user}@" if user else ""
    bracketed = f"[{host}]" if ":" in host else host
    transport = "" if first.transport == "UDP" else f";transport={first.transport.lower()}"
    contact = f"<sip:{at}{bracketed}:{port}{transport}>"
    sent_by = {each.transport: (each.host, each.port) for each in reversed(addresses)}
    transports = tuple(dict.fromkeys(each.transport for each in addresses))
    is_plain = len(addresses) == 1 and first.transport == "UDP" and not first.any_interface
    taken = config.requests
    name = f"{quote_string(config.display_name)} " if config.display_name else ""
    return AgentConfig(
        address=f"{name}<{config.uri or f'sip:{at}{bracketed}:{port}'}>",
        contact=contact,
        sent_by={name: sent_by[name] for name in transports},
        own_addresses=() if is_plain else tuple(addresses),
        # Each socket speaks one version of IP, so only such addresses are of any use.
        resolver=ResolverConfig(transports=transports, families=families_of(addresses)),
        software=config.user_agent,
        credentials=_credentials(config, user),
        outbound_proxy=config.outbound_proxy or "",
        timers=TimerConfig(t1=config.t1, t2=config.t2, t4=config.t4),
        max_ringing=config.max_ringing,
        session_timer=SessionTimerConfig(interval=config.session_interval),
        max_calls=config.max_sessions,
        authentication=inbound_authentication(config.inbound),
        max_redirects=config.max_redirects,
        retry_after=config.limits.retry_after,
        recovery=RecoveryConfig(probes=config.recovery_probes) if config.recovery_probes else None,
        pager=PagerConfig(content_types=taken.content_types) if taken.content_types else None,
        handed_over=frozenset(taken.methods),
        answer_patience=taken.answer_patience,
        max_handed_over=taken.max_waiting,
        admission=admission_config(config.limits),
        event_packages=(CONFERENCE,),  # of conferences that have a URI; others are not found
        refers=True,  # to conferences, too
    )


def admission_config(limits: LimitsConfig) -> AdmissionConfig:
    """Return what a machine is told of the limits on new work."""
    return AdmissionConfig(
        calls_per_second=limits.calls_per_second,
        burst=limits.burst,
        max_queue_time=limits.max_queue_time,
        max_calls_per_source=limits.max_sessions_per_source,
        calls_per_second_per_source=limits.calls_per_second_per_source,
        requests_per_second_per_source=limits.requests_per_second_per_source,
        max_calls_per_user=limits.max_sessions_per_user,
        trusted=limits.trusted,
        scanners=limits.scanners,
        ban_after=limits.ban_after,
        ban_time=limits.ban_time,
        max_sources=limits.max_sources,
        retry_after=limits.retry_after,
    )


def families_of(addresses: Sequence[OwnAddress]) -> tuple[str, ...]:
    """Return the types of DNS records with addresses that a socket of ours can reach."""
    return tuple(dict.fromkeys("AAAA" if ":" in each.host else "A" for each in addresses if each.listens))


def _credentials(config: CoordinatorConfig, user: str) -> tuple[Credentials, ...]:
    if config.password is None:
        return ()
    username = config.username or user
    if not username:
        raise ConfigurationError("a password needs a user name, here or in uri", field="username")
    return (Credentials(username=username, password=config.password, realm=config.realm),)
