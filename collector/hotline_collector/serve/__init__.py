"""Puts the collector together and runs it."""

import os

# gRPC's core writes complaints of its own form to standard error, where only our log belongs. It reads this
# when it is imported, and every program of the collector passes here before that.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
