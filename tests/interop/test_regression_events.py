"""NOTIFY of both sides, and transfers, which are told of by NOTIFY, with SIPp on the other side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from sansio_sip.headers import ReferTo
from sansio_sip.invite import Replaced
from sansio_sip.message import NameAddr
from sansio_sip.subscribe import TerminatedByNotifier
from tests.interop.process import HOST, until
from tests.interop.scenes import ask, call, hear, maybe, pause, reply, sdp, take, write_scene
from tests.interop.sipp import Sipp, SippResult, sipp
from trio_runtime import (
    Call,
    IncomingCall,
    PresenceConfig,
    SessionCoordinator,
    SipFailure,
    SubscriptionRejected,
    TransferRequest,
    open_client,
    open_server,
)

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

SUMMARY, SUMMARY_TYPE = "message-summary", "application/simple-message-summary"
MAILBOX = f"Event: {SUMMARY}"
REFERRER = "<sip:x@y.example>"
REFER_EVENT = "Event: refer"
OVER = "terminated;reason=noresource"
SIPFRAG = "message/sipfrag;version=2.0"
TAKES_CALL = (take("INVITE", keep="a"), reply("200 OK", kept="a", body=sdp()), take("ACK"))
HANGS_UP = (take("BYE"), reply("200 OK"))


def messages(text: str) -> str:
    return f"Messages-Waiting: yes\nVoice-Message: {text}\n"


def mailbox(cseq: int, state: str, text: str) -> tuple[str, str]:
    """Let SIPp tell what is in a mailbox, and hear that it was heard."""
    fields = [MAILBOX, f"Subscription-State: {state}"]
    return ask("NOTIFY", cseq, headers=fields, body=messages(text), kind=SUMMARY_TYPE), hear("200")


def report(cseq: int, status: str, state: str = "active;expires=60") -> tuple[str, str]:
    """Let SIPp tell how far it has come with a REFER."""
    fields = [REFER_EVENT, f"Subscription-State: {state}"]
    return ask("NOTIFY", cseq, headers=fields, body=f"SIP/2.0 {status}\n", kind=SIPFRAG), hear("200")


def only(texts: Iterable[str], start: str, *parts: str) -> str:
    """Return the one message that begins so and has these parts."""
    (found,) = {text for text in texts if text.startswith(start) and all(part in text for part in parts)}
    return found


def field(message: str, name: str) -> str:
    return message.split(f"\n{name}:", 1)[1].split("\n", 1)[0].strip()


def target_of(phone: SessionCoordinator) -> str:
    host, port = phone.bound_addresses[0]
    return f"{host}:{port}"


@asynccontextmanager
async def waiting(path: str, folder: Path, name: str, *steps: str) -> AsyncIterator[Sipp]:
    """Let SIPp wait, in a folder of its own, for what begins a scenario."""
    place = folder / name
    place.mkdir()
    async with sipp(path, place, write_scene(place, name, steps), "-m", "1", trace=True) as one:
        yield one


async def beginning(path: str, folder: Path, name: str, phone: SessionCoordinator, *steps: str) -> SippResult:
    """Let SIPp begin a scenario with us, and return what became of it."""
    place = folder / name
    place.mkdir()
    scene = write_scene(place, name, steps)
    async with sipp(path, place, scene, "-m", "1", "-s", "bob", target=target_of(phone), trace=True) as one:
        return await one.finished(20)


async def answer(incoming: IncomingCall) -> None:
    await incoming.answer()
    await incoming.ended()


# NOTIFY: SIPp watches us


async def test_sipp_subscribes_refreshes_and_unsubscribes(peer: Peer, tmp_path: Path) -> None:
    """EX-2, SRV-6: each SUBSCRIBE has its 200 and a NOTIFY with all there is; the last is the end."""
    asks = [MAILBOX, f"Accept: {SUMMARY_TYPE}"]
    heard = (hear("200"), take("NOTIFY"), reply("200 OK"))
    steps = (
        *(call("SUBSCRIBE", 1, headers=[*asks, "Expires: 300"], inside=False), *heard),
        *(call("SUBSCRIBE", 2, headers=[*asks, "Expires: 200"]), *heard),
        *(call("SUBSCRIBE", 3, headers=[*asks, "Expires: 0"]), *heard),
    )
    shown = PresenceConfig(may_watch=lambda _: True)
    async with open_server("sip:bob@127.0.0.1", bind_host=HOST, sip_port=0, presence=shown) as server:
        server.presence.set_messages(f"sip:bob@{HOST}", new=2, old=5)
        result = await beginning(peer("sipp"), tmp_path, "watcher", server, *steps)
        assert server.presence.watchers(f"sip:bob@{HOST}") == []
    result.assert_perfect(1)
    for cseq, expires in ((1, 300), (2, 200), (3, 0)):
        answered = only(result.received, "SIP/2.0 200", f"CSeq: {cseq} SUBSCRIBE")
        assert field(answered, "Expires") == str(expires)
    told = [text for text in dict.fromkeys(result.received) if text.startswith("NOTIFY ")]
    states = [field(text, "Subscription-State").split(";")[0] for text in told]
    assert states == ["active", "active", "terminated"]
    assert all(field(text, "Event") == SUMMARY for text in told)
    assert "Voice-Message: 2/5" in told[1]


async def test_package_that_nobody_knows_gets_489(peer: Peer, tmp_path: Path) -> None:
    """EX-2, SRV-6: and Allow-Events says which there are."""
    steps = (call("SUBSCRIBE", 1, headers=["Event: weather", "Expires: 300"], inside=False), hear("489"))
    shown = PresenceConfig(packages=(SUMMARY, "presence"))
    async with open_server("sip:bob@127.0.0.1", bind_host=HOST, sip_port=0, presence=shown) as server:
        result = await beginning(peer("sipp"), tmp_path, "weather", server, *steps)
    result.assert_perfect(1)
    assert SUMMARY in field(only(result.received, "SIP/2.0 489"), "Allow-Events")


# NOTIFY: we watch SIPp


async def test_state_that_sipp_tells_is_heard_until_it_says_that_it_is_over(
    peer: Peer, tmp_path: Path
) -> None:
    """EX-2, CLI-5: SUBSCRIBE, 200, NOTIFY; refreshed when we ask; ``terminated`` and its reason end it."""
    steps = (
        take("SUBSCRIBE", keep="a"),
        reply("200 OK", kept="a", headers=["Expires: 300"]),
        *mailbox(1, "active;expires=300", "1/0"),
        take("SUBSCRIBE"),
        reply("200 OK", headers=["Expires: 300"]),
        *mailbox(2, "active;expires=300", "4/0"),
        *mailbox(3, OVER, "0/0"),
    )
    async with (
        waiting(peer("sipp"), tmp_path, "notifier", *steps) as notifier,
        open_client("sip:alice@127.0.0.1", bind_host=HOST, no_media=True) as phone,
    ):
        with trio.fail_after(10):
            async with phone.subscribe_to(notifier.uri, event=SUMMARY, expires=300) as mail:
                first = await anext(mail)
                mail.refresh()
                told = [notification async for notification in mail]
                end = await mail.ended()
        result = await notifier.finished(10)
    result.assert_perfect(1)
    assert [one.status for one in (first, *told)] == ["active", "active", "terminated"]
    assert [b"4/0" in one.body for one in told] == [True, False]
    assert end == TerminatedByNotifier("noresource")
    asked = [text for text in dict.fromkeys(result.received) if text.startswith("SUBSCRIBE ")]
    assert [field(text, "Event") for text in asked] == [SUMMARY, SUMMARY]
    assert field(asked[0], "Call-ID") == field(asked[1], "Call-ID")


async def test_leaving_the_block_unsubscribes_and_the_last_notify_is_answered(
    peer: Peer, tmp_path: Path
) -> None:
    """EX-2, CLI-5: SUBSCRIBE with Expires: 0, and 200 to the NOTIFY that follows it."""
    steps = (
        take("SUBSCRIBE", keep="a"),
        reply("200 OK", kept="a", headers=["Expires: 300"]),
        *mailbox(1, "active;expires=300", "1/0"),
        take("SUBSCRIBE"),
        reply("200 OK", headers=["Expires: 0"]),
        *mailbox(2, "terminated;reason=timeout", "1/0"),
    )
    async with (
        waiting(peer("sipp"), tmp_path, "left", *steps) as notifier,
        open_client("sip:alice@127.0.0.1", bind_host=HOST, no_media=True) as phone,
    ):
        with trio.fail_after(10):
            async with phone.subscribe_to(notifier.uri, event=SUMMARY, expires=300) as mail:
                await anext(mail)
        result = await notifier.finished(10)
    result.assert_perfect(1)
    asked = [text for text in dict.fromkeys(result.received) if text.startswith("SUBSCRIBE ")]
    assert field(asked[-1], "Expires") == "0"


async def test_package_that_sipp_does_not_know_is_an_error(peer: Peer, tmp_path: Path) -> None:
    """EX-2, CLI-5: its 489 is told."""
    steps = (take("SUBSCRIBE", keep="a"), reply("489 Bad Event", kept="a", headers=["Allow-Events: dialog"]))
    async with (
        waiting(peer("sipp"), tmp_path, "unknown", *steps) as notifier,
        open_client("sip:alice@127.0.0.1", bind_host=HOST, no_media=True) as phone,
    ):
        with trio.fail_after(10), pytest.raises(SubscriptionRejected) as refused:
            async with phone.subscribe_to(notifier.uri, event="weather"):
                pytest.fail("it was let in")
        result = await notifier.finished(10)
    result.assert_perfect(1)
    assert refused.value.status_code == 489


# Transfers: SIPp does what we ask for


@asynccontextmanager
async def called(path: str, folder: Path, name: str, *steps: str) -> AsyncIterator[tuple[Call, Sipp]]:
    """Call SIPp, which answers and then does as a scenario says."""
    async with (
        waiting(path, folder, name, *TAKES_CALL, *steps) as answerer,
        open_client("sip:alice@127.0.0.1", bind_host=HOST, no_media=True) as phone,
        phone.make_call(answerer.uri) as outgoing,
    ):
        with trio.fail_after(10):
            await outgoing.answered()
        yield outgoing, answerer


async def test_sipp_is_transferred_and_tells_how_it_goes(peer: Peer, tmp_path: Path) -> None:
    """EX-2, SES-13: 202, NOTIFY 100 and 200 with sipfrag; then our BYE."""
    steps = (
        *(take("REFER"), reply("202 Accepted")),
        *report(1, "100 Trying"),
        *report(2, "200 OK", OVER),
        *HANGS_UP,
    )
    async with called(peer("sipp"), tmp_path, "transferee", *steps) as (outgoing, answerer):
        with trio.fail_after(10):
            await outgoing.transfer("sip:carol@127.0.0.9")
        result = await answerer.finished(10)
    result.assert_perfect(1)
    refer = only(result.received, "REFER ")
    assert NameAddr.parse(field(refer, "Refer-To")).uri == NameAddr.parse("<sip:carol@127.0.0.9>").uri
    assert "sip:alice@" in field(refer, "Referred-By")


async def test_call_goes_on_when_sipp_tells_that_nobody_answered(peer: Peer, tmp_path: Path) -> None:
    """EX-2, SES-13: its report says 486, and so does our error."""
    steps = (
        *(take("REFER"), reply("202 Accepted")),
        *report(1, "486 Busy Here", OVER),
        *HANGS_UP,
    )
    async with called(peer("sipp"), tmp_path, "refused", *steps) as (outgoing, answerer):
        with trio.fail_after(10), pytest.raises(SipFailure) as failure:
            await outgoing.transfer("sip:carol@127.0.0.9")
        assert (failure.value.status_code, outgoing.is_active) == (486, True)
        outgoing.hang_up()
        result = await answerer.finished(10)
    result.assert_perfect(1)


async def test_two_sipps_are_connected_with_each_other(peer: Peer, tmp_path: Path) -> None:
    """EX-2, SES-14: the REFER to one names our dialog with the other, as that other knows it."""
    transferred = (
        *(take("REFER"), reply("202 Accepted")),
        *report(1, "200 OK", OVER),
        *HANGS_UP,
    )
    path = peer("sipp")
    async with (
        waiting(path, tmp_path, "one", *TAKES_CALL, *transferred) as one,
        waiting(path, tmp_path, "other", *TAKES_CALL, *HANGS_UP) as other,
        open_client("sip:alice@127.0.0.1", bind_host=HOST, no_media=True) as phone,
        phone.make_call(one.uri) as first,
        phone.make_call(other.uri) as second,
    ):
        with trio.fail_after(10):
            await first.answered()
            await second.answered()
            await first.transfer(second)
        second.hang_up()
        results = [await each.finished(10) for each in (one, other)]
    for result in results:
        result.assert_perfect(1)
    refer_to = ReferTo.parse(field(only(results[0].received, "REFER "), "Refer-To"))
    invite = only(results[1].received, "INVITE ")
    answered = only(results[1].sent, "SIP/2.0 200", "1 INVITE")
    replaced = refer_to.replaces
    assert replaced is not None
    assert replaced.call_id == field(invite, "Call-ID")
    assert replaced.to_tag == NameAddr.parse(field(answered, "To")).tag
    assert replaced.from_tag == NameAddr.parse(field(invite, "From")).tag


# Transfers: we do what SIPp asks for


async def follow(incoming: IncomingCall) -> None:
    """Answer, and call whom the peer wants us to call, until it hangs up."""
    requests = incoming.transfer_requests
    await incoming.answer()
    request: TransferRequest[Call] = await anext(requests)
    async with request.accept():
        await incoming.ended()


@pytest.mark.parametrize("attended", [False, True], ids=["blind", "attended"])
async def test_sipp_transfers_us_to_another_sipp_and_hears_how_it_went(
    peer: Peer, tmp_path: Path, attended: bool
) -> None:
    """EX-2, SES-13, SES-14: 202, NOTIFY 100 and 200; whom we call hears who asked and whose place we take."""
    path = peer("sipp")
    replaces = "?Replaces=talk%40there%3Bto-tag%3D1%3Bfrom-tag%3D2" if attended else ""
    async with (
        waiting(path, tmp_path, "target", *TAKES_CALL, *HANGS_UP) as carol,
        open_server("sip:bob@127.0.0.1", bind_host=HOST, sip_port=0, no_media=True) as server,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, follow)
        steps = (
            *(call("INVITE", 1, body=sdp()), maybe("100"), hear("200"), call("ACK", 1)),
            call("REFER", 2, headers=[f"Refer-To: <{carol.uri}{replaces}>", f"Referred-By: {REFERRER}"]),
            *(hear("202"), take("NOTIFY"), reply("200 OK"), take("NOTIFY"), reply("200 OK")),
            *(call("BYE", 3), hear("200")),
        )
        transferor = await beginning(path, tmp_path, "transferor", server, *steps)
        target = await carol.finished(10)
        nursery.cancel_scope.cancel()
    transferor.assert_perfect(1)
    target.assert_perfect(1)
    told = [text for text in dict.fromkeys(transferor.received) if text.startswith("NOTIFY ")]
    assert [text.rstrip().splitlines()[-1] for text in told] == ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]
    assert [field(text, "Subscription-State").split(";")[0] for text in told] == ["active", "terminated"]
    invite = only(target.received, "INVITE ")
    assert field(invite, "Referred-By") == REFERRER
    assert ("\nReplaces: talk@there;to-tag=1;from-tag=2" in invite) is attended


async def test_sipp_takes_the_place_of_a_call_of_ours(peer: Peer, tmp_path: Path) -> None:
    """EX-2, SES-14: INVITE with Replaces of a second SIPp; the call with the first one ends by our BYE."""
    path = peer("sipp")
    async with (
        waiting(path, tmp_path, "first", *TAKES_CALL, *HANGS_UP) as first,
        open_server("sip:bob@127.0.0.1", bind_host=HOST, sip_port=0, no_media=True) as phone,
        phone.make_call(first.uri) as old,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(phone.serve, answer)
        with trio.fail_after(10):
            await old.answered()
        ours, theirs = (NameAddr.parse(old.headers[name]).tag for name in ("From", "To"))
        replaces = f"Replaces: {old.sip_call_id};to-tag={ours};from-tag={theirs}"
        steps = (
            *(call("INVITE", 1, headers=[replaces, "Require: replaces"], body=sdp()), maybe("100")),
            *(maybe("180"), hear("200"), call("ACK", 1), call("BYE", 2), hear("200")),
        )
        second = await beginning(path, tmp_path, "second", phone, *steps)
        with trio.fail_after(10):
            end = await old.ended()
        result = await first.finished(10)
        nursery.cancel_scope.cancel()
    second.assert_perfect(1)
    result.assert_perfect(1)
    assert isinstance(end, Replaced)


# Conferences: SIPp wants something of the focus


async def test_sipp_has_another_sipp_called_into_a_conference_and_hung_up(peer: Peer, tmp_path: Path) -> None:
    """EX-2, BRG-6: RFC 4579 §5.5, §5.11: a REFER in its call, and one outside to the URI; NOTIFY of both."""
    path = peer("sipp")
    told = (hear("202"), take("NOTIFY"), reply("200 OK"), take("NOTIFY"), reply("200 OK"))
    async with (
        waiting(path, tmp_path, "carol", *TAKES_CALL, *HANGS_UP) as carol,
        open_server("sip:bob@127.0.0.1", bind_host=HOST, sip_port=0) as server,
        server.open_conference(uri="sip:bob@conference.example", referrers="members") as room,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, room.join)
        target = f"sip:carol@{HOST}:{carol.port}"
        steps = (
            *(call("INVITE", 1, body=sdp()), maybe("100"), hear("200"), call("ACK", 1), pause(200)),
            *(call("REFER", 2, headers=[f"Refer-To: <{target}>"]), *told, *HANGS_UP),
        )
        folder = tmp_path / "member"
        folder.mkdir()
        scene = write_scene(folder, "member", steps)
        async with sipp(
            path, folder, scene, "-m", "1", "-s", "bob", target=target_of(server), trace=True
        ) as member:
            await until(lambda: len(room.members) == 2, timeout=10, what=lambda: repr(room.info()))
            removal = call("REFER", 1, headers=[f"Refer-To: <{target};method=BYE>"], inside=False)
            outside = await beginning(path, tmp_path, "outside", server, removal, *told)
            called = await carol.finished(10)
            log = folder / "messages.log"
            await until(lambda: OVER in log.read_text("latin-1"), timeout=10, what=lambda: "it was not told")
            room.close()
            inside = await member.finished(10)
        nursery.cancel_scope.cancel()
    for result in (called, outside, inside):
        result.assert_perfect(1)
    assert ";isfocus" in field(only(called.received, "INVITE "), "Contact")
    assert ";isfocus" in field(only(inside.received, "SIP/2.0 200", "1 INVITE"), "Contact")
    for result in (inside, outside):
        reports = [text for text in dict.fromkeys(result.received) if text.startswith("NOTIFY ")]
        said = [text.rstrip().splitlines()[-1] for text in reports]
        assert said == ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]
