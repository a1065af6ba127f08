"""A call is opened from a file in a browser in which no script runs, and saved as one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hotline_collector.calls.bounds import MAX_BUNDLE
from playwright.sync_api import expect

from tests.browser.conftest import Window


@pytest.mark.parametrize(
    ("lang", "said", "too_large"),
    [("en", "read from a file", "That is too large"), ("de", "aus einer Datei gelesen", "Das ist zu groß")],
)
def test_a_file_becomes_a_call(
    window: Callable[..., Window], tmp_path: Path, lang: str, said: str, too_large: str
) -> None:
    mia = window(lang, viewport={"width": 360, "height": 720}, java_script_enabled=False)
    call, record = mia.desk.call("the disk is full"), tmp_path / "call.hlb"
    record.write_bytes(call.client.export_record(call.id))
    mia.sign_in()
    mia.open("/desk")
    mia.page.click("a[href='/desk/import']")
    mia.page.set_input_files("#file", record)
    mia.page.click("main form button")
    expect(mia.page.locator("h1")).to_have_text("the disk is full")
    expect(mia.page.locator("main")).to_contain_text(said)
    with mia.page.expect_download() as saved:
        mia.page.click("a[href$='/record']")
    again = tmp_path / "again.hlb"
    saved.value.save_as(again)
    assert saved.value.suggested_filename == "call.hlb" and again.read_bytes() == record.read_bytes()

    large = tmp_path / "large.hlb"
    large.write_bytes(bytes(MAX_BUNDLE + 100_000))
    mia.open("/desk/import")
    mia.page.set_input_files("#file", large)
    mia.page.click("main form button")
    expect(mia.page.locator("main")).to_contain_text(too_large)
    assert all("413" in each for each in mia.said)
    mia.said.clear()
