"""Runs the probe as `python -m hotline_probe`."""

from __future__ import annotations

import sys

from hotline_probe.cli import main

sys.exit(main())
