"""Running Kamailio: registrar and proxy with digest and Record-Route, in a folder of its own."""

from __future__ import annotations

import glob
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import trio

from tests.interop.process import HOST, free_ports, is_listening, running, until
from trio_runtime import Account

DOMAIN = "pbx.test"
USERS = {"alice": "secret1", "bob": "secret2", "baresip": "secret3", "sipp": "secret4", "web": "secret5"}

# A phone is answered by the way that it came, whatever it writes into Contact: `fix_nated_register` and
# the aliases. Between two transports there are two Record-Routes.
_CONFIG = """\
#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
alias="{domain}"
listen=udp:{host}:{port}
listen=tcp:{host}:{port}
{web_listen}
mpath="{modules}"
loadmodule "ctl.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "htable.so"
loadmodule "nathelper.so"
loadmodule "auth.so"
{web_modules}
modparam("ctl", "binrpc", "unix:{folder}/ctl")
modparam("usrloc", "db_mode", 0)
modparam("nathelper|registrar", "received_avp", "$avp(received)")
modparam("registrar", "min_expires", 10)
modparam("registrar", "append_branches", 0)
modparam("htable", "htable", "pw=>size=8;")
event_route[htable:mod-init] {{ {passwords} }}
request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{
            if ($du == $null) handle_ruri_alias();
            t_on_reply("CONTACT");
            t_relay();
            exit;
        }}
        if (is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
        sl_send_reply("404", "Not here");
        exit;
    }}
    t_check_trans();
    if (is_method("REGISTER|INVITE")) {{
        if ($au == $null || !pv_auth_check("{domain}", "$sht(pw=>$au)", "0", "1")) {{
            auth_challenge("{domain}", "1");
            exit;
        }}
        consume_credentials();
    }}
    if (is_method("REGISTER")) {{ fix_nated_register(); save("location"); exit; }}
    if (is_method("INVITE")) {{ record_route(); set_contact_alias(); }}
    if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
    t_on_reply("CONTACT");
    t_relay();
}}
onreply_route[CONTACT] {{ set_contact_alias(); }}
{web_routes}
"""
_WEB_ROUTES = """\
event_route[xhttp:request] {
    set_reply_close();
    set_reply_no_connect();
    if ($Rp == WEB_PORT && $hdr(Upgrade) =~ "websocket" && ws_handle_handshake()) exit;
    xhttp_reply("404", "Not Found", "", "");
}
"""
_MODULE_FOLDERS = (
    "/usr/lib/*/kamailio/modules/",
    "/usr/lib/kamailio/modules/",
    "/usr/local/lib*/kamailio/modules/",
)


@attrs.define
class Kamailio:
    """A running Kamailio.

    Attributes:
        port: Its port for UDP and TCP.
        web_port: Its port for WebSocket, 0 without.
        folder: Where it writes.
    """

    port: int
    web_port: int
    folder: Path
    _control: str

    def account(self, user: str, transport: str = "udp", password: str | None = None) -> Account:
        """One of its users, who goes by it for everything."""
        proxy = f"sip:{HOST}:{self.port};transport={transport}"
        secret = USERS[user] if password is None else password
        return Account(f"sip:{user}@{DOMAIN}", password=secret, outbound_proxy=proxy)

    async def has(self, text: str) -> None:
        """Wait until somebody is registered, whose contact holds a text."""
        with trio.fail_after(10):
            while text not in await self.bindings():  # noqa: ASYNC110 - another program
                await trio.sleep(0.05)

    async def bindings(self) -> str:
        """What it says of who is registered."""
        command = [self._control, "-s", f"unix:{self.folder}/ctl", "ul.dump"]
        result = await trio.run_process(command, capture_stdout=True, stderr=subprocess.STDOUT)
        return result.stdout.decode()

    @property
    def log(self) -> str:
        """What it printed."""
        return (self.folder / "kamailio.log").read_text("utf-8", "replace")


def _modules() -> str:
    for pattern in _MODULE_FOLDERS:
        if found := glob.glob(pattern):
            return found[0]
    pytest.fail("Kamailio has no modules")


def has_web_sockets() -> bool:
    """Tell whether its module for WebSocket is installed, which Debian has in a package of its own."""
    return Path(_modules(), "websocket.so").exists()


@asynccontextmanager
async def kamailio(
    path: str, folder: Path, *, port: int | None = None, web: bool = False
) -> AsyncIterator[Kamailio]:
    """Run Kamailio while the block lasts.

    Args:
        path: The program.
        folder: An existing folder.
        port: For UDP and TCP; a free one when ``None``.
        web: Whether it takes WebSockets as well.
    """
    port, web_port = port or free_ports(), free_ports() if web else 0
    values: Mapping[str, object] = {
        "host": HOST,
        "port": port,
        "domain": DOMAIN,
        "folder": folder,
        "modules": _modules(),
        "passwords": " ".join(f'$sht(pw=>{user})="{secret}";' for user, secret in USERS.items()),
        "web_listen": f"listen=tcp:{HOST}:{web_port}\ntcp_accept_no_cl=yes" if web else "",
        "web_modules": 'loadmodule "xhttp.so"\nloadmodule "websocket.so"' if web else "",
        "web_routes": _WEB_ROUTES.replace("WEB_PORT", str(web_port)) if web else "",
    }
    config, log = folder / "kamailio.cfg", folder / "kamailio.log"
    config.write_text(_CONFIG.format(**values), encoding="utf-8")
    command = [path, "-f", str(config), "-DD", "-E", "-w", str(folder), "-Y", str(folder)]
    # Its default pool takes all memory at once; the plain one takes what it needs.
    command += ["-m", "32", "-M", "4", "-x", "fm", "-X", "fm", "-P", str(folder / "pid")]
    async with running(command, out=log, cwd=folder) as process:
        control = str(Path(path).with_name("kamcmd"))
        server = Kamailio(port, web_port, folder, control)
        await until(
            lambda: process.poll() is not None or (is_listening(port) and Path(folder, "ctl").exists()),
            timeout=20,
            what=lambda: f"Kamailio does not listen: {server.log}",
        )
        assert process.poll() is None, server.log
        yield server
