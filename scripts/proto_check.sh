#!/bin/sh
# Checks the contract: buf's lint, no breaking change against the committed baseline, stubs as generated.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
buf="$root/.venv/bin/buf"
cd "$root/proto"
"$buf" lint
"$buf" breaking --against baseline.binpb
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$root/proto" "$root/collector" "$root/scripts" "$copy"
UV="$root/.uv/bin/uv" sh "$copy/scripts/proto.sh" >/dev/null 2>&1 || { echo "the generator failed" >&2; exit 1; }
for stub in proto/hotline_proto/v1 collector/hotline_collector/engine/cel; do
  diff -r -q -x __pycache__ "$root/$stub" "$copy/$stub" || { echo "stubs are stale: run make proto" >&2; exit 1; }
done
echo "proto: lint, breaking and drift are clean"
