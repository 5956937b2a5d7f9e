"""Stock Rasa in an environment of its own (`make bench-stock-setup`), only to be measured beside: bench/nlu/stock.py asks, worker.py answers."""
