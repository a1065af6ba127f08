"""Every page of the console and how it is reached; a new page without a line here fails a test."""

from __future__ import annotations

# The path of a route, and the addresses at which its page is looked at: `{call}` is a call with a cause,
# `{waiting}` one that nobody has joined, `{closed}` a closed one.
PAGES: dict[str, tuple[str, ...]] = {
    "/desk": ("/desk", "/desk?closed=1"),
    "/desk/account": ("/desk/account",),
    "/desk/calls/{call_id}": (
        "/desk/calls/{call}",
        "/desk/calls/{call}?find=",
        "/desk/calls/{waiting}",
        "/desk/calls/{closed}",
    ),
    # What does not exist.
    "/desk/{rest:path}": ("/desk/nothing",),
}
WITHOUT_SIGNING_IN: dict[str, tuple[str, ...]] = {
    "/desk/sign-in": ("/desk/sign-in", "/desk/sign-in?lang=de"),
    # One that was used up; test_first_start.py looks at one that can be used.
    "/desk/set-up/{token}": ("/desk/set-up/used-up",),
}
# What is asked for by GET and is no page.
NO_PAGES = frozenset({"/desk/desk.css", "/desk/desk.js", "/desk/morph.js", "/desk/calls/{call_id}/events"})
