"""A name server that the operator signed: the collector hands it on, the operator's own build believes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hotline_probe
import pytest
from cryptography.hazmat.primitives import serialization
from hotline_collector.rulepack.signing import read_private_key

DEAD, GOOD = "192.0.2.1", "198.51.100.53"
RULE = """\
id: test.foreign_resolver
status: experimental
severity: warning
title: {en: A foreign name server, de: Ein fremder Namensserver}
symptom: {en: Names are not found., de: Namen werden nicht gefunden.}
for_each: resolver
when: "!resolver.local"
hold: 0s
confidence: 0.8
fixes:
  - action: dns.use_operator
    with: {resolver: resolver}
    risk: low
verify:
  within: 30s
references: [test]
"""
_UNDER_WAY = ("proposed", "accepted", "running")
VALUES = f"""
operator = "localhost"
[values]
resolver = ["{GOOD}"]
"""


def signed_list(system_of: Callable[..., Any], folder: Path, key: str) -> Path:
    """Sign the values with a key of this name, made if need be, by the command that operators use."""
    runner = system_of()
    (folder / "values.toml").write_text(VALUES)
    if not (folder / key).exists():
        assert runner.agent("rules", "keygen", str(folder / key)).returncode == 0
    output = folder / f"{key}.list"
    words = (
        "rules",
        "sign-list",
        str(folder / "values.toml"),
        "--key",
        str(folder / key),
        "--output",
        str(output),
    )
    done = runner.agent(*words)
    assert done.returncode == 0, done.stderr
    return output


def operators_build(folder: Path, key: Path, ca: str) -> Path:
    """Return a folder with a build of the probe that knows its operator."""
    package = folder / "hotline_probe"
    shutil.copytree(
        Path(hotline_probe.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    public = read_private_key(key).public_key()
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    preset = f"name = \"Test\"\nhost = \"localhost\"\ntable_key = \"{raw.hex()}\"\nca = '''{ca}'''\n"
    tomllib.loads(preset)
    (package / "operator.toml").write_text(preset)
    return folder


def own_etc(folder: Path) -> tuple[tuple[str, ...], Path]:
    """Return what gives a program an /etc of its own, and its resolv.conf."""
    if os.geteuid() or subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        pytest.skip("needs root: gives the probe an /etc of its own (mount namespace)")
    etc = folder / "etc"
    shutil.copytree("/etc", etc, symlinks=True)
    (etc / "resolv.conf").unlink(missing_ok=True)
    (etc / "resolv.conf").write_text(f"nameserver {DEAD}\n")
    setup = f'mount --bind "{etc}" /etc && exec "$@"'
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", setup, "sh"), etc / "resolv.conf"


@pytest.mark.root
@pytest.mark.parametrize("signer", ["operator", "somebody"])
def test_only_what_the_operator_signed_is_used(
    make_system: Callable[..., Any], tmp_path: Path, signer: str
) -> None:
    before, resolv_conf = own_etc(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "resolver.yaml").write_text(RULE)
    signed_list(make_system, tmp_path, "operator")
    signed = signed_list(make_system, tmp_path, signer)
    system = make_system(
        {"HOTLINE_RULES__FOLDERS": str(tmp_path / "rules"), "HOTLINE_ACTIONS__SIGNED_LIST": str(signed)}
    )
    system.start()
    build = operators_build(tmp_path / "build", tmp_path / "operator", system.ca_pem)
    call = system.open("names are not found")
    probe = system.probe(call.link, "--accept", "dns.use_operator", before=before, PYTHONPATH=str(build))
    found = call.finding("test.foreign_resolver", timeout=60.0, entity=DEAD)
    assert call.client.confirm_words(call.id, probe.words)
    probe.event("words_confirmed")
    fix_id = call.client.propose_fix(call.id, found.finding_id, 0)
    if signer == "operator":
        probe.event("action", 60.0, state="done")
        assert resolv_conf.read_text() == f"nameserver {GOOD}\n"
        call.wait(
            lambda view: [fix for fix in view.fixes if fix.undoable and fix.state not in _UNDER_WAY], 60.0
        )
        call.client.update_fix(call.id, fix_id, "undo")
        call.fix(fix_id, "undone", 60.0)
    else:
        told = probe.event("action", 60.0, state="failed")
        assert (told["code"], "not signed by the operator" in told["detail"]) == ("bad_parameter", True)
        call.fix(fix_id, "failed", 60.0)
    assert resolv_conf.read_text() == f"nameserver {DEAD}\n"
