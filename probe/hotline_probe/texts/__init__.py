"""What the caller reads, in German and English.

A typed table instead of gettext: a missing or misspelt sentence is an error of the type checker and of
the import, it ships as ordinary modules in every kind of package, and there is no build step. A test
compares the placeholders of both languages.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

from hotline_probe.texts.de import DE
from hotline_probe.texts.en import EN
from hotline_probe.texts.table import Texts

__all__ = ["LANGUAGES", "Texts", "default_language"]

LANGUAGES: Mapping[str, Texts] = {"de": DE, "en": EN}


def default_language() -> str:
    """Return the language of the locale, English if it is neither German nor English.

    The order of the variables is that of POSIX.1-2017, 8.2; Windows has its own setting.
    """
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "de" if value.lower().startswith("de") else "en"
    return "de" if (locale.getlocale()[0] or "").lower().startswith(("de", "german")) else "en"
