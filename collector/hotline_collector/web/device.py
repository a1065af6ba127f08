"""What a browser calls itself, in two words that its user knows it by."""

from __future__ import annotations

# Browsers name those that they want to be taken for; whoever names itself alone comes last.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Return browser and system of a User-Agent header (RFC 9110 §10.1.5), empty if it names neither."""
    named = (
        next((name for sign, name in table if sign in user_agent), "") for table in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in named if name)
