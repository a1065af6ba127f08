"""Signed packs: whatever was changed after signing is refused, and named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hotline_collector.errors import SecurityError
from hotline_collector.rulepack import signing
from hotline_collector.rulepack.cli import rules
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.folders import PackFiles, PackFolder
from hotline_collector.rulepack.packloader import PackLoader
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUSTED = [signing.TrustedKey("ops", KEY.public_key())]
RULE = b"""\
id: sys.cpu.hot
severity: warning
title: {en: Hot, de: Hei\xc3\x9f}
symptom: {en: It is hot, de: Es ist hei\xc3\x9f}
when: system.cpu.utilization > 0.9
confidence: 0.8
fixes: [{steps: [wait]}]
"""
FILES = {
    "pack.yaml": b'{name: mine, version: "2"}',
    "steps.yaml": b"wait: {en: Wait, de: Warten}",
    "sys/hot.yaml": RULE,
}
UNSIGNED = PackFiles("mine", FILES, None)
SIGNED = replace(UNSIGNED, signature=signing.sign(UNSIGNED, KEY))


def refusal(pack: PackFiles, keys: list[signing.TrustedKey] = TRUSTED) -> str:
    with pytest.raises(PackError) as caught:
        signing.verify(pack, keys)
    [fault] = caught.value.faults
    return f"{fault.file}: {fault.message}"


def test_what_was_signed_is_accepted() -> None:
    assert signing.verify(SIGNED, TRUSTED).name == "ops"


@given(st.data())
def test_a_flipped_byte_of_any_file_is_refused(data: st.DataObject) -> None:
    everything = {**FILES, "pack.sig": SIGNED.signature or b""}
    name = data.draw(st.sampled_from(sorted(everything)))
    raw = bytearray(everything[name])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    changed = everything | {name: bytes(raw)}
    signature = changed.pop("pack.sig")
    assert refusal(PackFiles("mine", changed, signature)).startswith(f"mine/{name}: ")


@given(st.binary(max_size=300))
def test_a_hostile_signature_file_is_one_clear_fault(raw: bytes) -> None:
    assert refusal(replace(SIGNED, signature=raw)).startswith("mine/pack.sig: ")


def test_files_added_removed_and_renamed_are_named() -> None:
    added = refusal(replace(SIGNED, files={**FILES, "sys/more.yaml": RULE}))
    assert added == "mine/sys/more.yaml: was added after the pack was signed"
    less = {name: raw for name, raw in FILES.items() if name != "steps.yaml"}
    removed = "mine/steps.yaml: was removed or renamed after the pack was signed"
    assert refusal(replace(SIGNED, files=less)) == removed
    assert refusal(replace(SIGNED, files={**less, "zteps.yaml": FILES["steps.yaml"]})) == removed


def test_an_unsigned_pack_and_an_unknown_key_are_refused() -> None:
    assert "is not signed" in refusal(UNSIGNED)
    other = signing.TrustedKey("x", Ed25519PrivateKey.generate().public_key())
    assert "which is not trusted" in refusal(SIGNED, [other])


def test_a_signature_of_another_pack_does_not_fit() -> None:
    files = {**FILES, "pack.yaml": b'{name: mine, version: "3"}'}
    assert refusal(PackFiles("mine", files, SIGNED.signature)).startswith("mine/pack.yaml: was changed")


def write(folder: Path) -> Path:
    for name, raw in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(rules, [str(part) for part in arguments])
    return done.exit_code, done.output


def test_from_key_to_verified_pack_by_the_command_line(tmp_path: Path) -> None:
    key, pack = tmp_path / "key", write(tmp_path / "pack")
    assert run("keygen", key)[0] == 0
    assert key.stat().st_mode & 0o777 == 0o600
    code, said = run("keygen", key)
    assert (code, "exists already; nothing was written" in said) == (1, True)
    assert run("verify", pack, "--key", f"{key}.pub") == (1, "pack.sig: is missing: the pack is not signed\n")
    assert run("sign", pack, "--key", key)[0] == 0
    code, said = run("verify", pack, "--key", f"{key}.pub", "--json")
    assert (code, json.loads(said)["files"], json.loads(said)["signer"]) == (0, 3, "key")
    (pack / "sys/hot.yaml").write_bytes(RULE.replace(b"0.9", b"0.1"))
    code, said = run("verify", pack, "--key", f"{key}.pub")
    assert (code, said) == (1, "sys/hot.yaml: was changed after the pack was signed\n")
    code, said = run("sign", pack, "--key", f"{key}.pub")
    assert (code, "is no unencrypted private key" in said) == (1, True)


def test_a_loader_accepts_only_what_is_signed_and_tells_by_whom(tmp_path: Path) -> None:
    pack = write(tmp_path / "pack")
    folders = [PackFolder("pack", pack, True)]
    strict = PackLoader(load_catalogue(), folders, TRUSTED, required=True)
    with pytest.raises(PackError, match=r"pack/pack\.sig:1:1: is missing"):
        strict.load()
    loose = PackLoader(load_catalogue(), folders, TRUSTED)
    assert loose.load().signer == ""
    (pack / "pack.sig").write_bytes(SIGNED.signature or b"")
    assert strict.load().signer == loose.load().signer == f"pack: ops ({TRUSTED[0].fingerprint[:16]})"
    (pack / "steps.yaml").write_bytes(FILES["steps.yaml"] + b"\n")
    with pytest.raises(PackError, match=r"pack/steps\.yaml:1:1: was changed after"):
        strict.load()
    assert loose.load().signer == ""


def test_a_key_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")
    for read in (signing.read_private_key, signing.read_trusted_key):
        with pytest.raises(SecurityError, match="is no"):
            read(tmp_path / "a")
        with pytest.raises(SecurityError, match="cannot be read: No such file"):
            read(tmp_path / "b")
