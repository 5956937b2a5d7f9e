"""The public side: one folder per channel, listed in registry.py, served by app.py."""
