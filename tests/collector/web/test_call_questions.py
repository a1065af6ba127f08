"""Questions on a call's page: one at a time, answers that can be corrected, safety first."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb

from tests.collector.web.test_call_page import sound


def section(page: Any) -> str:
    found = re.search(r'<section id="questions".*?</section>', page.text, re.DOTALL)
    assert found
    return found[0]


async def test_one_question_is_asked_and_its_answer_can_be_corrected(site: Any, join: Any) -> None:
    async with site.browser() as mia:
        probe = await join(site.world)
        probe.tell("ping", Fact("net.gateway.reachable", True))
        await mia.sign_in()
        path = f"/desk/calls/{probe.call.row.id}"
        await mia.open(path)
        asked = section(mia.page)
        assert '<button name="value" value="works" id="answer-1-1"><kbd aria-hidden="true">1</kbd>' in asked
        assert 'id="answer-1-0"' in asked and "Answers so far" not in asked

        probe.frame(answer=pb.Answer(question="ask.scope", value="works"))
        await mia.open(path)
        known = section(mia.page)
        sound(mia.page.text)
        assert "Answers so far" in known and "typed by the caller" in known
        assert 'id="answer-' not in known, "keys answer what is asked, never what was answered"
        assert 'id="correct-1-2"' in known

        await mia.send(f"{path}/answer", question="ask.scope", value="fails")
        known = section(mia.page)
        assert "<strong>fails</strong>" in known and "typed by the caller" not in known
        assert not probe.call.engine.causes()


async def test_safety_locks_every_other_question_on_the_page(
    site: Any, join: Any, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = next(each for each in rules.pack.lexicon if each.id == "web")
    monkeypatch.setitem(entry.symptoms, "burning", 1)
    async with site.browser() as mia:
        probe = await join(site.world, "the page fails")
        probe.tell("ping", Fact("net.gateway.reachable", True))
        await mia.sign_in()
        path = f"/desk/calls/{probe.call.row.id}"
        await mia.open(path)
        asked = section(mia.page)
        sound(mia.page.text)
        assert "HAZARD" in asked and 'value="ask.smell"' in asked and "Safety first:" in asked
        assert 'value="ask.scope"' not in asked
        page = await mia.send(f"{path}/answer", question="ask.scope", value="works")
        assert page.status_code == 403 and "is answered, no other question is answered" in mia.words()
        await mia.send(f"{path}/answer", question="ask.smell", value="false")
        assert 'value="ask.scope"' in section(mia.page) and "Safety first:" not in section(mia.page)
