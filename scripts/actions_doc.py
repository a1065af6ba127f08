"""Writes docs/actions.md from the action catalogue; with --check only says whether it is up to date."""

import sys
from collections.abc import Iterator

from generated import write_or_check
from hotline_proto.catalogue import ActionSpec, Catalogue, load_catalogue

_RIGHTS = {
    "caller": "those of the caller",
    "owner": "those of the caller for what is theirs, else an administrator's, which the system asks for",
    "administrator": "an administrator's, which the system asks for",
}


def page(catalogue: Catalogue) -> str:
    """Return the whole page."""
    return "\n".join(lines(catalogue)) + "\n"


def lines(catalogue: Catalogue) -> Iterator[str]:
    """Yield the lines of the page."""
    yield from ("# Actions", "")
    yield (
        f"Everything that a probe can change on a caller's machine: {len(catalogue.actions)} actions, "
        "compiled "
        "into it, and no other. Generated from `proto/hotline_proto/catalogue/actions.toml`; run `make docs` "
        "after a change."
    )
    yield ""
    yield (
        "An agent proposes an action by its name. The caller reads what it does in the words below, "
        "which are the "
        "probe's own, and says yes or no to each single one; silence is a no. Before the agent has "
        "entered the two "
        "words that the caller reads out, every proposal is refused. What is acted on is something that "
        "the probe "
        "itself has found, or stands in a list that the operator has signed with a key that is not on the "
        "collector; no other value from the wire is ever used."
    )
    yield ""
    yield (
        "An action that lacks rights asks the system for them (pkexec, sudo, UAC, on macOS its own dialog), "
        "by itself and for itself alone. "
        "Refused, it ends as `permission`, and the steps for a human take its place."
    )
    yield ""
    yield (
        "A device in the caller's network (router, storage, small computer) takes only those that say *on "
        "devices*. They are done over the SSH connection that reads it, by root or by sudo without a "
        "password, asked about one by one as ever. What the connection itself rests on is never switched off."
    )
    yield ""
    yield "| action | acts on | risk | can be taken back | systems | on devices |"
    yield "|---|---|---|---|---|---|"
    for action in catalogue.actions.values():
        acts_on = ", ".join(action.parameters.values()) or "the computer"
        back = "yes" if action.undo else "no"
        where = ", ".join(action.platforms)
        on = "yes" if action.devices else "no"
        link = f"[`{action.name}`](#{anchor(action)})"
        yield f"| {link} | {acts_on} | {action.risk} | {back} | {where} | {on} |"
    for action in catalogue.actions.values():
        yield from _action(action)


def anchor(action: ActionSpec) -> str:
    """Return the anchor that a heading of the action's name gets."""
    return action.name.replace(".", "")


def _action(action: ActionSpec) -> Iterator[str]:
    yield from ("", f"## {action.name}", "")
    for language in ("en", "de"):
        yield f"- **{action.title[language]}.** {action.effect[language]}"
    yield f"- Rights: {_RIGHTS[action.rights]}."
    if action.operator:
        kinds = ", ".join(action.operator.values())
        yield f"- Takes a value from the list that the operator has signed: {kinds}."
    yield f"- Only if: {action.needs}."
    yield f"- Done when: {action.proof}."
    if action.armed:
        yield (
            "- It may cut the connection: unless the call centre is heard again within a minute, it is "
            "taken back "
            "by itself."
        )


def main() -> int:
    """Write or check the page."""
    return write_or_check({"docs/actions.md": page(load_catalogue())}, "make docs")


if __name__ == "__main__":
    sys.exit(main())
