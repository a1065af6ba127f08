"""`hotline rules status`: which rules the collector judges by, and why it refused newer ones."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.errors import EXIT_FINDING
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.model.safe import harmless

_MAX_TEXT = 400


@click.command()
@output_options
def status(output: Output) -> None:
    """Show which rules the collector judges by, and why it refused newer ones.

    \b
    Example:
      hotline rules status

    Exit codes: 0 the newest rules are in use, 1 newer ones were refused; else as `hotline --help` says.
    """
    with connect() as client:
        pack = client.rule_pack()
    if output.as_json:
        output.data("rule_pack", pack=pack)
    else:
        for line in _lines(pack):
            output.line(line)
    sys.exit(EXIT_FINDING if pack.refused_us else 0)


def _lines(pack: pb.GetRulePackResponse) -> list[str]:
    lines = [
        f"{harmless(pack.name, _MAX_TEXT)} {harmless(pack.version, _MAX_TEXT)}: {pack.rules} rules, "
        f"loaded {_time(pack.loaded_us)}",
        f"digest {pack.digest}",
        f"signed by {harmless(pack.signer, _MAX_TEXT)}" if pack.signer else "not signed",
    ]
    if pack.refused_us:
        lines.append(f"A newer pack was refused {_time(pack.refused_us)}; the one above stays in use:")
        lines += [
            harmless(f"  {fault.file}:{fault.line}:{fault.column}: {fault.message}", _MAX_TEXT)
            for fault in pack.faults
        ]
    return lines


def _time(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone().isoformat(sep=" ", timespec="seconds")
