#!/bin/sh
# Regenerates the committed protobuf stubs. The generator is the oldest that the probe's dependencies allow
# (grpcio 1.71.2, protobuf 5.29): newer runtimes accept its output, older ones refuse newer output.
set -eu
cd "$(dirname "$0")/../proto"
run="${UV:-uv} tool run --isolated --from grpcio-tools==1.71.2 python -m grpc_tools.protoc -I."
$run --python_out=. --pyi_out=. hotline_proto/v1/probe.proto hotline_proto/v1/record.proto hotline_proto/v1/agent.proto
$run --grpc_python_out=. hotline_proto/v1/probe.proto hotline_proto/v1/agent.proto
cd ../collector
$run --python_out=. --pyi_out=. hotline_collector/engine/cel/checked.proto
