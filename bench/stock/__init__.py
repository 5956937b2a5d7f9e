"""Stock Rasa in an environment of its own (`make bench-stock-setup`): bench/nlu/stock.py asks, worker.py answers."""
