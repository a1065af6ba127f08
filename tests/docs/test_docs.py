"""What the documents say exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hotline_collector.console.cli import hotline
from hotline_collector.rulepack.cli import rules
from hotline_collector.serve.cli import main as collector
from hotline_collector.serve.config import Config
from hotline_proto.catalogue import load_catalogue
from pydantic import BaseModel

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
# Asked within this process, for starting each of them anew takes minutes altogether.
PROGRAMS = {"hotline": hotline, "hotline-collector": collector}


@pytest.mark.parametrize("script", ["facts_doc.py", "actions_doc.py", "openapi_doc.py"])
def test_the_generated_page_is_up_to_date(script: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_page_of_actions_tells_of_each_what_a_caller_has_to_know() -> None:
    page = (ROOT / "docs/actions.md").read_text()
    for action in load_catalogue().actions.values():
        (told,) = re.findall(
            rf"^## {re.escape(action.name)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL
        )
        for text in (*action.title.values(), *action.effect.values(), action.needs, action.proof):
            assert text and text in told
        assert action.rights in ("caller", "owner", "administrator")
        assert ("taken back by itself" in told) == action.armed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", page.read_text(), re.MULTILINE):
        assert (name[0] or name[1]) in targets


def commands() -> set[tuple[str, ...]]:
    found = set()
    for page in PAGES:
        for text in re.findall(
            r"`(hotline(?:-collector)? [a-z][^`]*)`|^(hotline(?:-collector)? [a-z].*)$",
            page.read_text(),
            re.M,
        ):
            words = (text[0] or text[1]).split()
            found.add(tuple(word for word in words[:3] if re.fullmatch(r"[a-z-]+", word)))
    return found


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_every_command_exists(command: tuple[str, ...]) -> None:
    code, told = ask(*command)
    # A third word may be an argument of a command that is no group.
    if code and len(command) > 2:
        code, told = ask(*command[:2])
        assert "\nCommands:\n" not in told, f"there is no command {' '.join(command)}"
    assert code == 0, told


def ask(program: str, *words: str) -> tuple[int, str]:
    """Return how a command ends that is asked for help, and what it says."""
    done = CliRunner().invoke(PROGRAMS[program], [*words, "--help"], prog_name=program)
    return done.exit_code, done.output


def test_the_examples_of_the_language_print_what_the_page_says() -> None:
    block = re.search(r"```console\n(.*?)```", (ROOT / "docs/rules.md").read_text(), re.DOTALL)
    assert block is not None
    for example in block[1].split("$ hotline rules ")[1:]:
        command, _, printed = example.partition("\n")
        assert CliRunner().invoke(rules, shlex.split(command)).output == printed


def keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    out = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        nested = isinstance(kind, type) and issubclass(kind, BaseModel)
        out |= keys(kind, f"{prefix}{name}.") if nested else {prefix + name}  # type: ignore[arg-type]
    return out


def test_the_settings_of_the_operations_page_exist() -> None:
    import tomllib

    block = re.search(r"```toml\n(.*?)```", (ROOT / "docs/operations.md").read_text(), re.DOTALL)
    assert block is not None
    known = keys(Config)
    for name, value in tomllib.loads(block[1]).items():
        told = [f"{name}.{key}" for key in value] if isinstance(value, dict) else [name]
        assert set(told) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = keys(Config)
    sections = "|".join({name.partition(".")[0] for name in known if "." in name})
    named = set(re.findall(rf"`((?:{sections})\.[a-z_]+)(?: = [^`]*)?`", page.read_text()))
    # A fact is written in the same way, and so is the name of a file.
    files = {name for name in named if name.endswith((".yaml", ".toml"))}
    assert named - known - files <= set(load_catalogue().facts)


def test_the_example_rule_names_what_exists() -> None:
    text = (ROOT / "docs/rules.md").read_text()
    catalogue = load_catalogue()
    for action in re.findall(r"action: ([a-z_.]+)", text):
        assert action in catalogue.actions


def test_decisions_are_all_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text()
    assert all(page.name in listed for page in folder.glob("0*.md"))
