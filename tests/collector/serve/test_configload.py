"""Configuration: precedence, and all faults at once with their origin."""

from __future__ import annotations

from pathlib import Path

import pytest
from hotline_collector.errors import ConfigError
from hotline_collector.serve.configload import load


def test_flags_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        'operator_name = "File"\nretention_days = 7\n[listen]\ngrpc_port = 1\nweb_port = 2\n'
        "[measuring.intervals]\ncpu = 5\n"
    )
    environ = {"HOTLINE_LISTEN__GRPC_PORT": "3", "HOTLINE_LISTEN__WEB_PORT": "4", "HOTLINE_PASSWORD": "x"}
    loaded = load(file, environ, {"listen.web_port": 5, "listen.host": None})
    config = loaded.config
    assert (config.listen.grpc_port, config.listen.web_port, config.retention_days) == (3, 5, 7)
    assert config.measuring.intervals == {"cpu": 5}
    origins = {key: origin for key, _, origin in loaded.entries()}
    assert origins["listen.grpc_port"] == "HOTLINE_LISTEN__GRPC_PORT"
    assert origins["listen.web_port"] == "flag listen.web_port"
    assert origins["retention_days"] == f"{file}:retention_days"
    assert origins["log.level"] == "default"


def test_lists_and_intervals_in_the_environment() -> None:
    environ = {"HOTLINE_PUBLIC__NAMES": "a.example, b.example", "HOTLINE_MEASURING__INTERVALS": "cpu=2"}
    config = load(None, environ, {}).config
    assert config.public.names == ("a.example", "b.example")
    assert config.measuring.intervals == {"cpu": 2.0}


def test_all_faults_at_once_each_with_its_origin(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        'operatr_name = "x"\nlog = "loud"\n[listen]\nhost = "nowhere"\n'
        '[tls]\ncert_file = "/nowhere.pem"\n[measuring]\nanchors = ["no-port"]\n'
        'portal_urls = ["https://p.example"]\nload_url = "ftp://p.example"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(file, {"HOTLINE_RETENTION_DAYS": "0", "HOTLINE_LISTEN__GRPC_PRT": "1"}, {})
    told = str(caught.value)
    for words in (
        "operatr_name: there is no such key; did you mean operator_name?",
        "log: is a section; write [log]",
        "c.toml:listen.host: 'nowhere' is no numeric address",
        "c.toml:tls.cert_file: cert_file and key_file belong together",
        "c.toml:measuring.anchors: 'no-port' is not host:port",
        "c.toml:measuring.portal_urls: 'https://p.example' is no http:// address",
        "c.toml:measuring.load_url: 'ftp://p.example' is no address of a web server",
        "HOTLINE_RETENTION_DAYS: ",
        "did you mean HOTLINE_LISTEN__GRPC_PORT?",
    ):
        assert words in told


@pytest.mark.parametrize("content", [b"\xff", b"= =", None])
def test_a_file_that_is_none_is_one_clear_fault(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "c.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"c\.toml"):
        load(file, {}, {})


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(ConfigError, match="no source nosuch"):
        load(None, {"HOTLINE_MEASURING__INTERVALS": "nosuch=2"}, {})


def test_repeat_contact_needs_the_earlier_calls() -> None:
    days = {"HOTLINE_RETENTION_DAYS": "7"}
    assert not load(None, days, {}).config.repeat_contact.enabled
    with pytest.raises(
        ConfigError, match=r"repeat_contact\.days is 14, but closed calls are kept for 7 days"
    ):
        load(None, {**days, "HOTLINE_REPEAT_CONTACT__ENABLED": "true"}, {})
    fitting = {**days, "HOTLINE_REPEAT_CONTACT__ENABLED": "true", "HOTLINE_REPEAT_CONTACT__DAYS": "7"}
    assert load(None, fitting, {}).config.repeat_contact.days == 7


def test_a_charged_wait_needs_a_price() -> None:
    with pytest.raises(ConfigError, match="charged needs price_per_minute"):
        load(None, {"HOTLINE_WAITING__CHARGED": "true"}, {})
    priced = {"HOTLINE_WAITING__CHARGED": "true", "HOTLINE_WAITING__PRICE_PER_MINUTE": "0.14"}
    assert str(load(None, priced, {}).config.waiting.price_per_minute) == "0.14"
    with pytest.raises(ConfigError, match="WAITING__CURRENCY"):
        load(None, {"HOTLINE_WAITING__CURRENCY": "Euro"}, {})
