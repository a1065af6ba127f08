"""Which devices the operator lists, and every fault of that at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hotline_collector.errors import ConfigError
from hotline_collector.serve.configload import load

KEY = "SHA256:" + "k" * 43


def test_devices_that_may_be_read(tmp_path: Path) -> None:
    for name in ("known", "key", "phrase", "password"):
        (tmp_path / name).write_text("x")
    file = tmp_path / "c.toml"
    file.write_text(
        f'[devices]\nknown_hosts = "{tmp_path}/known"\n'
        f'[[devices.allow]]\naddress = "ssh://support@NAS.example.org:22/"\nfingerprint = "{KEY}="\n'
        f'key_file = "{tmp_path}/key"\npassphrase_file = "{tmp_path}/phrase"\n'
        f'[[devices.allow]]\naddress = "ssh://root@[FD00::1]:2222"\npassword_file = "{tmp_path}/password"\n'
        '[[devices.allow]]\naddress = "ssh://pi@127.0.0.1"\nagent = true\n'
    )
    devices = load(file, {}, {}).config.devices
    assert [each.address for each in devices.allow] == [
        "ssh://support@nas.example.org", "ssh://root@[fd00::1]:2222", "ssh://pi@127.0.0.1",
    ]  # fmt: skip
    assert devices.allow[0].fingerprint == KEY
    assert devices.max_at_once == 8
    assert load(None, {"HOTLINE_DEVICES__MAX_AT_ONCE": "2"}, {}).config.devices.allow == ()


def test_every_fault_at_once(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        f'[devices]\nknown_hosts = "{tmp_path}/nowhere"\nmax_at_once = 0\n'
        '[[devices.allow]]\naddress = "ssh://root@192.168.1.0/24"\nagent = true\n'
        '[[devices.allow]]\naddress = "ssh://root@*.example.org"\nagent = true\n'
        '[[devices.allow]]\naddress = "ssh://root@169.254.169.254"\nagent = true\n'
        '[[devices.allow]]\naddress = "ssh://root@metadata.google.internal"\nagent = true\n'
        '[[devices.allow]]\naddress = "ssh://root:secret@nas"\nagent = true\n'
        '[[devices.allow]]\naddress = "nas.example.org"\nfingerprint = "aa:bb"\nkey_fil = "x"\n'
        f'[[devices.allow]]\nkey_file = "{tmp_path}/none"\npasswrd_file = "x"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(file, {}, {})
    told = str(caught.value)
    for words in (
        f"devices.known_hosts: there is no file {tmp_path}/nowhere",
        "devices.max_at_once: ",
        "entry 1: address: 'ssh://root@192.168.1.0/24' is no address of a device",
        "entry 2: address: 'ssh://root@*.example.org' does not say who logs in where",
        "entry 3: address: 'ssh://root@169.254.169.254' is an address of cloud metadata",
        "entry 4: address: 'ssh://root@metadata.google.internal' is an address of cloud metadata",
        "entry 5: address: a password has no place in an address",
        "entry 6: address: 'nas.example.org' is no address of a device",
        "entry 6: fingerprint: 'aa:bb': a fingerprint is SHA256:",
        "entry 6: key_fil: there is no such setting; did you mean key_file?",
        "entry 7: address: is missing",
        f"entry 7: key_file: there is no file {tmp_path}/none",
        "entry 7: passwrd_file: there is no such setting; did you mean password_file?",
    ):
        assert words in told
    assert "secret@" not in told


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ('[[devices.allow]]\naddress = "ssh://a@b"\n', "ssh://a@b: set key_file, password_file or agent"),
        (
            '[[devices.allow]]\naddress = "ssh://a@b"\nagent = true\npassphrase_file = "{here}"\n',
            "passphrase_file belongs to a key_file",
        ),
        (
            '[[devices.allow]]\naddress = "ssh://a@b"\nagent = true\n'
            '[[devices.allow]]\naddress = "ssh://a@B:22"\nagent = true\n',
            "ssh://a@b stands there more than once",
        ),
        ('[devices]\nallow = ["ssh://a@b"]\n', "Input should be a valid dictionary"),
    ],
)
def test_entries_that_make_no_sense(tmp_path: Path, entries: str, why: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(entries.replace("{here}", str(file)))
    with pytest.raises(ConfigError) as caught:
        load(file, {}, {})
    assert "c.toml:devices.allow: " in str(caught.value)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '[devices]\nknown_hosts = "{long}"\n',
        '[[devices.allow]]\naddress = "ssh://a@b"\nkey_file = "{long}"\n',
        '[tls]\ncert_file = "{long}"\nkey_file = "{long}"\n',
        '[public]\ndownloads = "{long}"\n',
        '[rules]\ntrusted_keys = ["{long}"]\n',
    ],
)
def test_a_file_that_cannot_even_be_looked_at_is_a_fault_like_others(tmp_path: Path, text: str) -> None:
    # As one in a folder of somebody else's, which root may look at all the same.
    file, long = tmp_path / "c.toml", "/" + "a" * 300
    file.write_text(text.replace("{long}", long))
    with pytest.raises(ConfigError, match=f"{long} cannot be looked at: File name too long"):
        load(file, {}, {})
