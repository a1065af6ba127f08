# Everything a newcomer needs is `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/sh
UV := .uv/bin/uv
PY := .venv/bin/python
export UV

.DEFAULT_GOAL := help
