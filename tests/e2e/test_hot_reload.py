"""Rules change under a running call: edited, broken, mended, signed; seen by agents and in `rules status`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

RULE = """\
id: mine.anything
status: stable
severity: warning
title: {{en: "{title}", de: "{title}"}}
symptom: {{en: Something is there., de: Etwas ist da.}}
when: "{when}"
confidence: 0.9
fixes: [{{steps: [mine.look]}}]
"""
ALWAYS, NEVER = "known(system.memory.total)", "!known(system.memory.total)"
# An agent looks at least this often, and the promise is a second.
WITHIN = 5.0


def make_pack(folder: Path, disable: str = "") -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "pack.yaml").write_text(f'{{name: mine, version: "7", disable: [{disable}]}}')
    (folder / "steps.yaml").write_text("mine.look: {en: Look at it., de: Sehen Sie nach.}")
    return folder


def write_rule(folder: Path, when: str, title: str = "Anything") -> None:
    """Save as an editor does: a new file takes the place of the old one."""
    fresh = folder / "sub" / ".anything.yaml.swp"
    fresh.write_text(RULE.format(when=when, title=title))
    fresh.rename(folder / "sub" / "anything.yaml")


def status(system: Any, code: int) -> dict[str, Any]:
    done = system.agent("rules", "status", "--json")
    assert done.returncode == code, (done.stdout, done.stderr)
    pack: dict[str, Any] = json.loads(done.stdout)["pack"]
    return pack


def test_a_rule_is_edited_broken_and_mended_under_a_running_call(
    make_system: Callable[..., Any], tmp_path: Path
) -> None:
    folder = make_pack(tmp_path / "mine")
    write_rule(folder, NEVER)
    system = make_system({"HOTLINE_RULES__FOLDERS": str(folder)})
    system.start()
    system.log_in()
    first = status(system, 0)
    assert (first["name"], first["version"].rpartition("+")[2], first["signer"]) == ("hotline+mine", "7", "")
    call = system.open("something")
    probe = system.probe(call.link)
    call.linked("connected")

    write_rule(folder, ALWAYS)
    found = call.finding("mine.anything", timeout=WITHIN)
    good = status(system, 0)
    assert good["digest"] != first["digest"]
    assert (found.pack_digest, found.pack_version) == (good["digest"], good["version"])

    write_rule(folder, "known(system.memory.totl)")
    call.wait(lambda _: status_refused(system), timeout=WITHIN)
    refused = status(system, 1)
    assert refused["digest"] == good["digest"]
    [fault] = refused["faults"]
    assert (fault["file"], fault["line"]) == ("mine/sub/anything.yaml", 6)
    assert "did you mean system.memory.total" in fault["message"]
    shown = system.agent("rules", "status")
    assert shown.returncode == 1
    assert "A newer pack was refused" in shown.stdout and "mine/sub/anything.yaml:6:" in shown.stdout
    assert '"rule pack fault"' in system.collector.log.read_text()
    assert call.finding("mine.anything").finding_id == found.finding_id, "the last good one stays"

    write_rule(folder, ALWAYS, "Mended")
    mended = call.wait(
        lambda view: next((f for f in [*view.causes, *view.also_noticed] if f.title.en == "Mended"), None),
        timeout=WITHIN,
    )
    assert (mended.finding_id, mended.onset_us) == (found.finding_id, found.onset_us)
    assert status(system, 0)["refused_us"] == 0

    (folder / "sub" / "anything.yaml").unlink()
    call.finding("mine.anything", "cleared", timeout=WITHIN)
    system.settle(call, probe)
    system.kill()
    system.start()
    again = call.finding("mine.anything", "cleared")
    assert (again.finding_id, again.title.en) == (found.finding_id, "Mended")


def status_refused(system: Any) -> bool:
    return bool(system.client().rule_pack().refused_us)


def test_only_signed_rules_are_accepted_where_that_is_required(
    make_system: Callable[..., Any], tmp_path: Path
) -> None:
    import hotline_rules

    shipped = Path(hotline_rules.__file__).parent
    folder, key = make_pack(tmp_path / "mine"), tmp_path / "key"
    write_rule(folder, NEVER)
    system = make_system()
    assert system.agent("rules", "keygen", str(key)).returncode == 0
    assert system.agent("rules", "sign", str(folder), "--key", str(key)).returncode == 0
    system.settings |= {
        "HOTLINE_RULES__FOLDERS": str(folder),
        "HOTLINE_RULES__TRUSTED_KEYS": f"{key}.pub",
    }
    strict = {**system.environ, **system.settings, "HOTLINE_RULES__REQUIRE_SIGNATURE": "true"}
    collector = "from hotline_collector.serve.cli import main; main()"
    refused = system.run(collector, "--data-dir", str(tmp_path / "other"), "serve", **strict)
    assert refused.returncode == 1
    assert "hotline/pack.sig:1:1: is missing: the pack is not signed" in refused.stderr
    assert not (shipped / "pack.sig").exists()

    system.start()
    system.log_in()
    assert status(system, 0)["signer"].startswith("mine: key (")
    done = system.agent("rules", "verify", str(folder), "--key", f"{key}.pub")
    assert done.returncode == 0, done.stdout
    write_rule(folder, ALWAYS)
    done = system.agent("rules", "verify", str(folder), "--key", f"{key}.pub")
    assert (done.returncode, done.stdout) == (
        1,
        "sub/anything.yaml: was changed after the pack was signed\n",
    )
