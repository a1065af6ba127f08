"""Takes docs/call.svg: the live view of a real call with a real fault, as the demo makes it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

import demo
from hotline_collector.console.client import AgentClient
from hotline_collector.console.credentials import load, state_dir
from hotline_collector.console.watch import WatchApp

PAGE = Path(__file__).resolve().parent.parent / "docs" / "call.svg"
SIZE = (104, 40)
TITLE = "hotline call watch"
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")


async def picture(call_id: str) -> str:
    """Return the live view as SVG once it shows a cause."""
    with AgentClient.of(load(state_dir())) as client:
        app = WatchApp(client, call_id, "en")
        async with app.run_test(size=SIZE) as pilot:
            for _ in range(100):
                await pilot.pause(0.1)
                # The exported page would fetch its font from a foreign host.
                svg = _FONTS.sub("", app.export_screenshot(title=TITLE))
                if "not&#160;running" in svg:
                    return svg
    raise demo.DemoFailed("the view showed no cause")


def main() -> int:
    """Play the demo up to its first cause and take the picture."""
    port = demo.free_port()
    with tempfile.TemporaryDirectory(prefix="hotline-demo-") as name:
        os.environ["HOTLINE_HOME"] = f"{name}/agent"
        programs = demo.Programs(Path(name))
        try:
            demo.log_in(programs)
            with demo.service(port):
                demo.join(programs, f"{demo.HOST}:{port}")
            finding = programs.wait(
                "the cause", demo.cause("check.local_service_down", f"{demo.HOST}:{port}")
            )
            demo.propose(programs, finding)
            PAGE.write_text(asyncio.run(picture(programs.call()["call_id"])))
        finally:
            programs.stop()
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
