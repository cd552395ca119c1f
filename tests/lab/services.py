"""Configuration of the real servers in the lab, as text: dnsmasq, nginx and nftables."""

from __future__ import annotations

from pathlib import Path

from tests.lab.plan import CLOUD_ADDRESS, Chain, Plan

PUBLIC_RESOLVERS = ("8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9")
WEBSITE_ADDRESS = "93.184.215.14"
OTHER_WEBSITE_ADDRESS = "93.184.215.99"
TIME_ADDRESS = "162.159.200.1"
EVERY_PORT_ADDRESS = "35.180.139.74"
"""A host that answers on every TCP port, as portquiz.net does."""
LAN_IPV6 = "2001:db8:77::1/64"
BROKEN_RESOLVER_PORT = 5300
INTERCEPT_PORT = 9999
TLS_HOSTS = ("www.google.com", "api.particle.io")
PORTAL_NAME = "login.guest.test"

_WEBSITES = (
    "example.com",
    "example.net",
    "example.org",
    "google.com",
    "gstatic.com",
    "apple.com",
    "firefox.com",
    "msftconnecttest.com",
    "cloudflare.com",
    "github.com",
)
_OTHER_WEBSITES = ("gnome.org", "particle.io")


def internet_addresses() -> tuple[str, ...]:
    """Every address that lives behind the router, but for those of the routers on the way."""
    return (
        CLOUD_ADDRESS,
        *PUBLIC_RESOLVERS,
        WEBSITE_ADDRESS,
        OTHER_WEBSITE_ADDRESS,
        TIME_ADDRESS,
        EVERY_PORT_ADDRESS,
    )


def world_dns() -> str:
    """dnsmasq as the world's name service: the cloud's alias chain and some well-known names, no
    others.
    """
    return _lines(
        *_BARE_DNSMASQ,
        "local-ttl=60",
        "cname=device.spark.io,device.tcp.particle.io",
        f"host-record=device.tcp.particle.io,{CLOUD_ADDRESS}",
        f"host-record=pool.ntp.org,{TIME_ADDRESS}",
        f"address=/udp.particle.io/{CLOUD_ADDRESS}",
        f"address=/portquiz.net/{EVERY_PORT_ADDRESS}",
        *(f"address=/{name}/{WEBSITE_ADDRESS}" for name in _WEBSITES),
        *(f"address=/{name}/{OTHER_WEBSITE_ADDRESS}" for name in _OTHER_WEBSITES),
        "local=/#/",
        *(f"listen-address={address}" for address in PUBLIC_RESOLVERS),
        "bind-interfaces",
    )


def router_dnsmasq(plan: Plan, folder: Path, mac: str) -> str:
    """dnsmasq as a home router's DHCP server and forwarding resolver, with the plan's lines
    last.
    """
    first, last = plan.pool
    return _lines(
        *_BARE_DNSMASQ,
        "interface=lan",
        "bind-interfaces",
        *_upstream(plan),
        *(
            (f"dhcp-range={plan.lan}.{first},{plan.lan}.{last},255.255.255.0,12h",)
            if plan.dhcp
            else ()
        ),
        f"dhcp-leasefile={folder / 'leases'}",
        *(
            ("enable-ra", "dhcp-range=::,constructor:lan,ra-only", "ra-param=lan,4,1800")
            if plan.ipv6_only
            else ()
        ),
        "dhcp-authoritative",
        "no-ping",
        *(plan.filled(line, mac) for line in plan.dnsmasq),
    )


def _upstream(plan: Plan) -> tuple[str, ...]:
    broken = f"127.0.0.1#{BROKEN_RESOLVER_PORT}"
    if plan.broken_resolver.startswith("*"):
        return (f"server={broken}",)
    if not plan.upstream:
        return ()
    return (
        "server=8.8.8.8",
        *((f"server=/device.spark.io/{broken}",) if plan.broken_resolver else ()),
    )


def rogue_dnsmasq(plan: Plan, address: str, folder: Path) -> str:
    """dnsmasq on another machine of the LAN, giving leases whose gateway is not there."""
    return _lines(
        *_BARE_DNSMASQ,
        "port=0",
        "interface=eth0",
        f"dhcp-range={plan.lan}.200,{plan.lan}.220,255.255.255.0,12h",
        f"dhcp-option=3,{plan.lan}.254",
        f"dhcp-option=6,{plan.lan}.254",
        f"listen-address={address}",
        f"dhcp-leasefile={folder / 'rogue-leases'}",
        "no-ping",
    )


def filter_dnsmasq(address: str) -> str:
    """dnsmasq on another machine of the LAN as a filter of names: trackers get no address, and a
    page that phones ask for is among them.
    """
    return _lines(
        *_BARE_DNSMASQ,
        f"listen-address={address}",
        "bind-interfaces",
        f"server={PUBLIC_RESOLVERS[-1]}",
        "address=/doubleclick.net/0.0.0.0",
        "address=/detectportal.firefox.com/0.0.0.0",
    )


_BARE_DNSMASQ = (
    "no-resolv",
    "no-hosts",
    "keep-in-foreground",
    "user=root",
    "pid-file=",
    "no-daemon",
)


def website(folder: Path, certificate: tuple[Path, Path]) -> str:
    """nginx as every web site of the lab, with the pages that connectivity checks ask for, and one
    certificate for all.
    """
    return _nginx(
        folder,
        f"server {{ listen 80 default_server; {_with_tls(certificate)} location / {{ return 200"
        " 'hello\\n'; } }",
        "server { listen 80; server_name connectivitycheck.gstatic.com www.gstatic.com; location /"
        " { return 204; } }",
        "server { listen 80; server_name www.msftconnecttest.com; location / { return 200"
        " 'Microsoft Connect Test'; } }",
        "server { listen 80; server_name captive.apple.com; location / { return 200"
        " '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>'; } }",
        "server { listen 80; server_name detectportal.firefox.com; location / { return 200"
        " 'success\\n'; } }",
        "server { listen 80; server_name nmcheck.gnome.org; location / { return 200 'NetworkManager"
        " is online\\n'; } }",
    )


PROXY_PORT = 3128


def proxy(folder: Path) -> str:
    """nginx as a web proxy for whatever host is asked for."""
    fetch = "resolver 8.8.8.8 ipv6=off; location / { proxy_pass http://$http_host$request_uri; }"
    return _nginx(folder, f"server {{ listen {PROXY_PORT} default_server; {fetch} }}")


def portal(folder: Path, gateway: str, says: str, certificate: tuple[Path, Path]) -> str:
    """nginx as a login page: whatever is asked, go there; its interface for programs says that
    clients are `held` or let through.
    """
    answer = (
        f'{{"captive": {"true" if says == "held" else "false"}, "user-portal-url":'
        f' "https://{PORTAL_NAME}/login"}}'
    )
    interface = f"location /api {{ default_type application/captive+json; return 200 '{answer}'; }}"
    return _nginx(
        folder,
        f"server {{ listen 80 default_server; {_with_tls(certificate) + interface if says else ''}"
        f" location / {{ return 302 http://{gateway}/login; }} location /login {{ default_type"
        " text/html; return 200 '<html><title>Guest Wi-Fi</title>Please log in</html>'; } }",
    )


def _with_tls(certificate: tuple[Path, Path]) -> str:
    shown, secret = certificate
    return f"listen 443 ssl; ssl_certificate {shown}; ssl_certificate_key {secret};"


def _nginx(folder: Path, *servers: str) -> str:
    scratch = _lines(
        *(
            f"{kind}_temp_path {folder}/nginx-{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
    )
    return _lines(
        f"user root; worker_processes 1; daemon off; pid {folder}/nginx.pid;",
        "events { worker_connections 64; }",
        f"http {{ access_log off; {scratch}",
        *servers,
        "}",
    )


_HOOKS: dict[Chain, str] = {
    "forward": "type filter hook forward priority 0;",
    "input": "type filter hook input priority 0;",
    "output": "type filter hook output priority 0;",
    "prerouting": "type nat hook prerouting priority -100;",
}


def router_rules(plan: Plan, mac: str) -> str:
    """nftables for the router: address translation towards the Internet and the plan's rules."""
    chains = [_chain(name, hook, _rules(plan, name, mac)) for name, hook in _HOOKS.items()]
    nat = _chain(
        "postrouting", "type nat hook postrouting priority 100;", ["oifname wan0 masquerade"]
    )
    arp = [
        _chain("arp_input", "type filter hook input priority 0;", _rules(plan, "arp_input", mac)),
        _chain(
            "arp_output", "type filter hook output priority 0;", _rules(plan, "arp_output", mac)
        ),
    ]
    bridge = _chain(
        "forward", "type filter hook forward priority 0;", _rules(plan, "bridge_forward", mac)
    )
    tables = (
        "table ip wan {",
        nat,
        "}",
        "table ip lab {",
        *chains,
        "}",
        "table arp lab {",
        *arp,
        "}",
    )
    return _lines(
        *tables,
        *(("table bridge lab {", bridge, "}") if _rules(plan, "bridge_forward", mac) else ()),
    )


def internet_rules(plan: Plan, mac: str) -> str:
    """nftables for the far side: the cloud's host answers on no port but 5683, and the host of
    every port on all.
    """
    shut = f"ip daddr {CLOUD_ADDRESS} tcp dport {{ 80, 443 }} drop"
    everywhere = f"ip daddr {EVERY_PORT_ADDRESS} tcp dport 1-65535 redirect to :80"
    return _lines(
        "table ip lab {",
        _chain(
            "internet_input",
            "type filter hook input priority 0;",
            [*_rules(plan, "internet_input", mac), shut],
        ),
        _chain("prerouting", "type nat hook prerouting priority -100;", [everywhere]),
        "}",
    )


def own_rules(rules: tuple[str, ...]) -> str:
    """The filter of a machine for what it sends itself."""
    hook = "type filter hook output priority 0;"
    return _lines("table ip lab {", _chain("output", hook, list(rules)), "}")


LIFTED = "flush chain ip lab forward\nflush chain ip lab input\nflush chain ip lab output\n"
"""What takes the plan's rules back."""


def _rules(plan: Plan, chain: Chain, mac: str) -> list[str]:
    return [plan.filled(rule, mac) for name, rule in plan.rules if name == chain]


def _chain(name: str, hook: str, rules: list[str]) -> str:
    return _lines(f"chain {name} {{", hook, *rules, "}")


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"
