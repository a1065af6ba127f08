"""Writes docs/facts.md from the fact catalogue; with --check only says whether it is up to date."""

import sys
from collections.abc import Iterator

from generated import write_or_check
from hotline_proto.catalogue import Catalogue, FactSpec, SourceSpec, load_catalogue


def page(catalogue: Catalogue) -> str:
    """Return the whole page."""
    return "\n".join(lines(catalogue)) + "\n"


def lines(catalogue: Catalogue) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Facts"
    yield ""
    yield (
        f"Everything Hotline can know of a machine: {len(catalogue.facts)} facts from "
        f"{len(catalogue.sources)} sources, and {len(catalogue.actions)} actions. "
        "Generated from `proto/hotline_proto/catalogue`; run `make docs` after a change."
    )
    yield ""
    yield (
        "*Personal* facts leave the machine in the clear only with the caller's consent to personal facts. "
        "Facts marked *path* hold for the network path on which they were measured."
    )
    for source in catalogue.sources.values():
        yield from _source(source, catalogue)
    yield from ("", "## Actions", "")
    yield from ("| action | parameters | risk | undo | what happens |", "|---|---|---|---|---|")
    for action in catalogue.actions.values():
        undo = "yes" if action.undo else "no"
        parameters = ", ".join(action.parameters) or "none"
        yield f"| `{action.name}` | {parameters} | {action.risk} | {undo} | {action.effect['en']} |"


def _source(source: SourceSpec, catalogue: Catalogue) -> Iterator[str]:
    yield from ("", f"## {source.title['en']} (`{source.name}`)", "")
    if source.platforms:
        rhythm = f"every {source.interval:g} s" if source.interval else "only on demand"
        where = ", ".join(source.platforms)
        limits = f"at most {source.timeout:g} s, fresh for {source.fresh:g} s"
        yield f"Runs {rhythm}, {limits}; {source.cost}; {where}."
    else:
        yield f"Entered by the agent or the operator's systems; fresh for {source.fresh:g} s."
    for name in catalogue.kinds_of_source[source.name]:
        kind = catalogue.entities[name]
        yield from ("", f"Entities: **{name}** (list `{kind.list_name}`), {kind.meaning.en}.")
    yield from ("", "| fact | type | unit | meaning |", "|---|---|---|---|")
    for fact in catalogue.facts_of_source[source.name]:
        meaning = fact.meaning.en + _marks(fact, source)
        yield f"| `{fact.name}` | {_type(fact)} | {fact.unit or ''} | {meaning} |"


def _type(fact: FactSpec) -> str:
    return f"text: {', '.join(fact.values)}" if fact.values else fact.type


def _marks(fact: FactSpec, source: SourceSpec) -> str:
    marks: list[str] = [fact.sensitivity] if fact.sensitivity != "public" else []
    marks += ["path"] if fact.path else []
    marks += [", ".join(fact.platforms)] if fact.platforms != source.platforms else []
    return f" *({'; '.join(marks)})*" if marks else ""


def main() -> int:
    """Write or check the page."""
    return write_or_check({"docs/facts.md": page(load_catalogue())}, "make docs")


if __name__ == "__main__":
    sys.exit(main())
