"""baresip as a server under load: each call hears itself."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..processes import free_port, running
from ..rtp_traffic import Leg
from .sip_calls import SipCalls
from .started import Started

__all__ = ["Baresip"]

_MOST = 100
_MODES = {"echo": _MOST}
_MODULES = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")
_CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
call_max_calls {calls}
call_local_timeout 120
audio_source aubridge,x
audio_player aubridge,x
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_ports 30000-49999
rtcp_mux no
jitter_buffer_delay 1-5
rtp_stats no
module_path {modules}
module g711.so
module aubridge.so
module uuid.so
module_tmp account.so
module_app menu.so
"""
# Each call has an account of its own, because a bridge is between one source and one player.
_ACCOUNT = (
    "<sip:{user}@127.0.0.1:{port}>;regint=0;answermode=auto;audio_codecs=PCMU"
    ";audio_source=aubridge,{user};audio_player=aubridge,{user}\n"
)


class Baresip:
    """Calls whose audio source is their player."""

    name = "baresip"
    modes = _MODES

    def missing(self) -> str | None:
        return None if shutil.which("baresip") else "not installed (Debian: baresip-core)"

    def legs(self, mode: str, streams: int) -> list[Leg]:
        return [Leg()] * streams

    @contextmanager
    def run(self, mode: str, streams: int, peer_port: int) -> Iterator[Started]:
        """Run it and call it as often as there are streams."""
        port, users = free_port(), [f"b{number}" for number in range(streams)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            modules = next((each for each in _MODULES if Path(each).is_dir()), _MODULES[0])
            config = _CONFIG.format(port=port, calls=2 * streams, modules=modules)
            (folder / "config").write_text(config)
            (folder / "accounts").write_text("".join(_ACCOUNT.format(user=user, port=port) for user in users))
            (folder / "contacts").write_text("")
            command = ["baresip", "-f", str(folder)]
            with running(command, port, folder / "log") as pid, contextlib.closing(SipCalls(port)) as calls:
                yield Started(pid, [calls.call(user, peer_port) for user in users])
