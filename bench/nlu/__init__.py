"""Understanding on public sets: `bot/.venv/bin/python -m bench.nlu --data FOLDER` (docs/benchmarks/nlu.md)."""
