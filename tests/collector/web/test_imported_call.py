"""The pages of a call that was read from a file."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.mark.parametrize(("lang", "said"), [("en", "read from a file"), ("de", "aus einer Datei gelesen")])
async def test_an_imported_call_is_shown_and_offers_nothing_to_do(
    site: Any, join: Any, filesystem: Any, agent: Any, lang: str, said: str
) -> None:
    probe = await join(site.world)
    probe.tell("filesystems", *filesystem(0.99))
    record = await site.world.desk.export(agent, probe.call.row.id)
    done = await site.world.desk.import_record(agent, record)
    async with site.browser(headers={"accept-language": lang}) as mia:
        await mia.sign_in()
        for page in ("", "/wrap-up", "/report"):
            answer = await mia.open(f"/desk/calls/{done.row.id}{page}")
            assert answer.status_code == 200
            if not page:
                assert said in mia.words() and "disk.full" in mia.words()
                changing = re.findall(r'<form[^>]*action="([^"]*)"[^>]*method="post"', mia.page.text)
                changing += re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', mia.page.text)
                assert set(changing) == {"/desk/sign-out"}
