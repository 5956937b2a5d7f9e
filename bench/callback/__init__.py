"""Callbacks a second, ours beside wechatpy on Sanic: `.venv/bin/python -m bench.callback` (docs/benchmarks/callback.md)."""
