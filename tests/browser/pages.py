"""Every page of the console and how it is reached; a new page without a line here fails a test."""

from __future__ import annotations

# A document of its own in which no script runs, not even one that looks at it.
REPORT = "/desk/calls/{closed}/report?format=html"
# The path of a route, and the addresses at which its page is looked at: `{call}` is a call with a cause,
# `{waiting}` one that nobody has joined, `{closed}` a closed one,
# `{others}` one that asks why it is opened.
PAGES: dict[str, tuple[str, ...]] = {
    "/desk": ("/desk", "/desk?closed=1", "/desk?ref=4711"),
    "/desk/account": ("/desk/account",),
    "/desk/calls/{call_id}": (
        "/desk/calls/{call}",
        "/desk/calls/{call}?find=",
        "/desk/calls/{waiting}",
        "/desk/calls/{closed}",
        "/desk/calls/{others}",
    ),
    "/desk/calls/{call_id}/wrap-up": ("/desk/calls/{call}/wrap-up", "/desk/calls/{closed}/wrap-up"),
    "/desk/calls/{call_id}/report": (REPORT,),
    "/desk/calls/{call_id}/erase": ("/desk/calls/{closed}/erase",),
    "/desk/import": ("/desk/import",),
    "/desk/lead": ("/desk/lead", "/desk/lead?days=7"),
    "/desk/rules": ("/desk/rules", "/desk/rules?subject=net", "/desk/rules?find=zebra+crossing"),
    "/desk/rules/{rule_id}": ("/desk/rules/check.local_service_down", "/desk/rules/hazard.burning"),
    "/desk/admin": ("/desk/admin",),
    "/desk/admin/audit": ("/desk/admin/audit",),
    "/desk/admin/tokens": ("/desk/admin/tokens",),
    "/desk/admin/users": ("/desk/admin/users",),
    "/desk/admin/users/{name}": ("/desk/admin/users/mia",),
    # What does not exist.
    "/desk/{rest:path}": ("/desk/nothing",),
}
WITHOUT_SIGNING_IN: dict[str, tuple[str, ...]] = {
    "/desk/sign-in": ("/desk/sign-in", "/desk/sign-in?lang=de"),
    # One that was used up; test_first_start.py looks at one that can be used.
    "/desk/set-up/{token}": ("/desk/set-up/used-up",),
}
# What is asked for by GET and is no page.
NO_PAGES = frozenset(
    {
        "/desk/desk.css",
        "/desk/figures.css",
        "/desk/desk.js",
        "/desk/keys.js",
        "/desk/morph.js",
        "/desk/call.js",
        "/desk/calls/{call_id}/events",
        "/desk/queue/events",
        "/desk/calls/{call_id}/subject",
        "/desk/calls/{call_id}/record",
        "/desk/lead/figures.csv",
    }
)
