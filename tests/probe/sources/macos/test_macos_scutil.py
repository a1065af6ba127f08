"""Name servers and proxy of a Mac, through the sources themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.source import Settings
from hotline_probe.sources.macos.scutil import parse_dns, parse_proxy
from hotline_probe.sources.proxy import Proxy
from hotline_probe.sources.resolvers import Resolvers

QUIET = Settings(active=False)


def test_name_servers_of_the_home_router(macbook: Any, read: Any) -> None:
    told = read(Resolvers(), QUIET)
    assert told["net.dns.configured"] == 2, "neither the neighbourhood's nor those of a single adapter"
    assert told["net.resolver.interface[fe80::e228:6dff:fe00:102%en0]"] == "en0"
    assert told["net.resolver.interface[192.168.178.1]"] == "en0"
    assert told["net.resolver.position[192.168.178.1]"] == 1


def test_name_servers_of_a_vpn_come_first(imac: Any, read: Any) -> None:
    told = read(Resolvers(), QUIET)
    assert told["net.dns.configured"] == 2, "the one for the company's own names is not asked for others"
    assert told["net.resolver.interface[10.8.0.1]"] == "utun3"
    assert told["net.resolver.interface[192.168.2.1]"] == "en0"


def test_no_name_servers() -> None:
    assert parse_dns("No DNS configuration available\n") == []
    with pytest.raises(SourceFailed):
        parse_dns("scutil: illegal option\n")


def test_without_a_proxy(macbook: Any, read: Any) -> None:
    told = read(Proxy(), QUIET)
    assert (told["net.proxy.mode"], told["net.proxy.host"], told["net.proxy.agree"]) == ("none", "", True)


def test_a_proxy_by_its_address(imac: Any, read: Any) -> None:
    told = read(Proxy(), QUIET)
    assert (told["net.proxy.mode"], told["net.proxy.host"]) == ("manual", "proxy.firma.example")
    assert parse_proxy(imac.programs["scutil --proxy"].out)[0].port == 3128, "encrypted pages first"


def test_a_proxy_by_script(macbook: Any, read: Any) -> None:
    script = "  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : http://wpad.example/proxy.pac\n"
    macbook.prints("scutil --proxy", "<dictionary> {\n" + script + "}\n")
    told = read(Proxy(), QUIET)
    assert (told["net.proxy.mode"], told["net.proxy.host"]) == ("script", "wpad.example")


@pytest.mark.parametrize("host", ["", "a b", "[::1", "p:80/", "user@p.example"])
def test_what_is_no_host_is_no_proxy(host: str) -> None:
    assert parse_proxy(f"<dictionary> {{\n  HTTPSEnable : 1\n  HTTPSProxy : {host}\n}}\n") == []
