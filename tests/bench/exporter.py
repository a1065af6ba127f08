"""Hosts as Prometheus scrapes them, in a process of its own: `/HOST` answers with the host's 100 values.

It prints its port as one line and ends with its standard input. Answers are made beforehand and compressed,
as exporters send them, so that the scraper is what is measured.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import sys
from collections.abc import Mapping

from tests.bench.load import LOAD_CORE
from tests.bench.rulemix import metric
from tests.bench.synthetic import Value, World

VARIANTS = 3
_HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
    "Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n"
)


def page(world: World, values: Mapping[str, Value]) -> bytes:
    """Return an answer with every value as a sample; texts are samples of value 1 with the text as label."""
    lines = []
    for name, value in values.items():
        _kind, unit, _short = world.place(name)
        labels = [f'unit="{unit}"'] if unit else []
        fact = metric(world.fact(name))
        if isinstance(value, str):
            labels.append(f'value="{value}"')
        shown = "{" + ",".join(labels) + "}" if labels else ""
        lines.append(f"{fact}{shown} {1.0 if isinstance(value, str) else float(value)!r}\n")
    body = gzip.compress("".join(lines).encode(), 6, mtime=0)
    return _HEAD.format(len(body)).encode() + body


def pages(host: int) -> list[bytes]:
    """Return the answers of a host, each with ten values changed against the one before."""
    world = World(host)
    out = [page(world, world.values)]
    out += [page(world, world.values) for _ in world.snapshots(VARIANTS - 1, "walk")]
    return out


async def main(hosts: int) -> None:
    """Serve until standard input ends."""
    answers = {f"/{host}": pages(host) for host in range(hosts)}
    turns = dict.fromkeys(answers, 0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                turns[path] += 1
                writer.write(answers[path][turns[path] % VARIANTS])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    os.sched_setaffinity(0, {LOAD_CORE})
    asyncio.run(main(int(sys.argv[1])))
