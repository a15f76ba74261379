"""A SIP ladder diagram as SVG, which a browser shows and a report embeds; it loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

import attrs

from trio_runtime.base.types import Address
from trio_runtime.observe.ladder import format_time, party_label
from trio_runtime.observe.rtp_report import RtpReport
from trio_runtime.observe.scan import headline
from trio_runtime.observe.trace import TraceEntry

__all__ = ["render_svg"]

_TIME_X, _FIRST_X, _COLUMN, _MARGIN = 78, 190, 330, 110
_TOP, _ROW, _BOTTOM = 78, 34, 30
_CHARACTER = 7.3  # width of one at 12 pixels
_CLASSES = {
    "1": "#6b7280",
    "2": "#15803d",
    "3": "#7c3aed",
    "4": "#c2410c",
    "5": "#b91c1c",
    "6": "#b91c1c",
}
_REQUEST, _UNKNOWN, _MEDIA = "#1d4ed8", "#6b7280", "#0e7490"
_STYLE = (
    "text{font:12px 'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;fill:#111827}"
    ".time{fill:#6b7280;text-anchor:end}.party,.arrow{text-anchor:middle}.party{font-weight:bold}"
)


@attrs.frozen
class _Arrow:
    """One row of the diagram.

    Attributes:
        time: Seconds since the first message.
        sender: Label of the column that it begins at.
        receiver: Label of the column that it ends at.
        text: What stands above it.
        colour: Its colour.
        lost: Whether it ends in a cross.
        media: Whether it stands for a whole stream.
    """

    time: float
    sender: str
    receiver: str
    text: str
    colour: str
    lost: bool = False
    media: bool = False


def render_svg(
    entries: Iterable[TraceEntry],
    names: Mapping[Address, str] | None = None,
    *,
    streams: Sequence[RtpReport] = (),
    title: str = "",
) -> str:
    """Draw messages as a ladder: blue requests, responses by their class, media as a broad line.

    Only start lines are shown, never URIs, names or credentials. What was sent before is marked "again".

    Args:
        entries: The messages in the order to be shown.
        names: Labels for addresses; addresses with one label share a column.
        streams: Media to be shown among them; it is in the columns of its hosts, where those are known.
        title: A heading.

    Returns:
        A whole SVG document.
    """
    shown = list(entries)
    arrows = _message_arrows(shown, names or {})
    labels = list(dict.fromkeys(label for arrow in arrows for label in (arrow.sender, arrow.receiver)))
    hosts = {address[0]: party_label(address, names or {}) for entry in shown for address in entry[1:3]}
    begin = shown[0].time if shown else 0.0
    for stream in streams:
        arrow = _stream_arrow(stream, begin, hosts)
        if arrow is not None:
            arrows.append(arrow)
    arrows.sort(key=lambda arrow: arrow.time)
    return _document(labels, arrows, title)


def _message_arrows(entries: Sequence[TraceEntry], names: Mapping[Address, str]) -> list[_Arrow]:
    seen: set[tuple[Address, Address, bytes]] = set()
    arrows: list[_Arrow] = []
    for entry in entries:
        key = (entry.sender, entry.receiver, entry.data)
        text = headline(entry.data) + (" again" if key in seen else "")
        seen.add(key)
        time = entry.time - entries[0].time
        ends = party_label(entry.sender, names), party_label(entry.receiver, names)
        arrows.append(_Arrow(time, *ends, text, _colour(text), lost=entry.lost))
    return arrows


def _stream_arrow(stream: RtpReport, begin: float, hosts: Mapping[str, str]) -> _Arrow | None:
    sender, receiver = hosts.get(stream.source[0]), hosts.get(stream.destination[0])
    if sender is None or receiver is None:
        return None
    score = "" if stream.mos is None else f", MOS {stream.mos:.2f}"
    text = f"{stream.codec} {stream.packets} packets, {stream.lost} lost{score}"
    return _Arrow(stream.begin - begin, sender, receiver, text, _MEDIA, media=True)


def _colour(text: str) -> str:
    if text[:3].isdigit():
        return _CLASSES.get(text[0], _UNKNOWN)
    return _UNKNOWN if text.startswith(("malformed", "keep-alive")) else _REQUEST


def _document(labels: Sequence[str], arrows: Sequence[_Arrow], title: str) -> str:
    places = {label: _FIRST_X + number * _COLUMN for number, label in enumerate(labels)}
    width = _FIRST_X + _COLUMN * max(len(labels) - 1, 0) + _MARGIN
    bottom = _TOP + _ROW * len(arrows) + _BOTTOM // 2
    height = bottom + _BOTTOM // 2
    heading = title if arrows else f"{title} (no messages)".strip()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="white"/>',
        f'<text x="12" y="22">{_text(heading[: int((width - 24) / _CHARACTER)])}</text>',
    ]
    for label, x in places.items():
        parts.append(f'<text class="party" x="{x}" y="50">{_text(label)}</text>')
        parts.append(f'<line x1="{x}" y1="58" x2="{x}" y2="{bottom}" stroke="#d1d5db" stroke-width="2"/>')
    for number, arrow in enumerate(arrows):
        parts.append(_draw(arrow, _TOP + _ROW * number + _ROW // 2, places))
    return "\n".join([*parts, "</svg>", ""])


def _draw(arrow: _Arrow, y: int, places: Mapping[str, int]) -> str:
    start, end = places[arrow.sender], places[arrow.receiver]
    time = f'<text class="time" x="{_TIME_X}" y="{y + 4}">{format_time(arrow.time)}</text>'
    if start == end:
        return f'{time}<text x="{start + 12}" y="{y + 4}">to itself: {_text(arrow.text)}</text>'
    step = 1 if end > start else -1
    text = arrow.text[: int((abs(end - start) - 30) / _CHARACTER)]
    middle, tip = (start + end) // 2, end - 2 * step
    faint = ' stroke-opacity="0.5"' if arrow.media else ""
    line = (
        f'<text class="arrow" x="{middle}" y="{y - 6}" style="fill:{arrow.colour}">{_text(text)}</text>'
        f'<line x1="{start}" y1="{y}" x2="{tip - 8 * step}" y2="{y}" stroke="{arrow.colour}" '
        f'stroke-width="{5 if arrow.media else 1.5}"{faint}/>'
    )
    return time + line + _tip(tip, y, step, arrow)


def _tip(x: int, y: int, step: int, arrow: _Arrow) -> str:
    back = x - 10 * step
    if arrow.lost:
        cross = f"M{back - 5} {y - 5}L{back + 5} {y + 5}M{back - 5} {y + 5}L{back + 5} {y - 5}"
        return f'<path d="{cross}" stroke="{arrow.colour}" stroke-width="2"/>'
    return f'<path d="M{x} {y}L{back} {y - 5}L{back} {y + 5}Z" fill="{arrow.colour}"/>'


def _text(text: str) -> str:
    return escape("".join(sign if sign.isprintable() else "?" for sign in text))
