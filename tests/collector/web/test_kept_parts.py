"""Parts of a page that are kept read as if they had been made anew."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.web.kept_parts import KeptParts
from hotline_collector.web.rendering import Pages, Reader
from hotline_proto.facts import Fact
from starlette.requests import Request

ACTOR = Actor("mia", "agent")


def asked_in(lang: str) -> Request:
    headers = [(b"accept-language", lang.encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})


async def test_a_page_of_kept_parts_is_the_page_made_anew(
    world: Any, join: Any, filesystem: Any, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Pages("A & B")
    probe = await join(world, "disk full")
    call_id = probe.call.row.id

    def shown(lang: str, key: str, caller_lang: str) -> str:
        view = world.desk.look(probe.call, include_facts=False)
        values = {"call": view, "code": None, "now": view.now_us, "step": None, "events": []}
        reader = Reader(ACTOR, key)
        return pages.text(asked_in(lang), "call_live.html", reader, **values, caller_lang=caller_lang)

    def same() -> list[str]:
        made = []
        for lang, key, caller_lang in (("de", "k1", "de"), ("de", "k2", "de"), ("en", "k1", "de")):
            for _ in range(2):
                kept = shown(lang, key, caller_lang)
                with monkeypatch.context() as patch:
                    patch.setattr(KeptParts, "get", lambda _self, _key, make: make())
                    assert kept == shown(lang, key, caller_lang)
            assert kept.count('value="k') == kept.count(f'value="{key}"')
            made.append(kept)
        return made

    seen = [same()]
    probe.tell("filesystems", *filesystem(0.99), *filesystem(0.98, "/<b>"))
    seen.append(same())
    world.pass_time(61)
    probe.tell("filesystems", *filesystem(0.99), *filesystem(0.98, "/<b>"))
    seen.append(same())
    fix_id = await world.desk.propose(agent, call_id, probe.call.engine.causes()[0].finding.id, 1)
    seen.append(same())
    await world.desk.update_fix(agent, call_id, fix_id, "done")
    probe.tell("ping", Fact("net.gateway.reachable", True))
    await world.desk.answer(agent, call_id, "ask.scope", "works")
    seen.append(same())
    probe.call.row.words_confirmed = not probe.call.row.words_confirmed
    probe.call.changed()
    seen.append(same())
    probe.lose()
    seen.append(same())
    await world.desk.close(agent, call_id, "technician")
    seen.append(same())
    assert len({in_german for in_german, *_others in seen}) == len(seen), "every step shows"


def test_what_was_used_last_is_kept() -> None:
    parts, made = KeptParts(most=2), list[str]()

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    for name in ("a", "b", "a", "c", "a", "b"):
        assert parts.get(name, lambda name=name: make(name)) == name.upper()  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]
