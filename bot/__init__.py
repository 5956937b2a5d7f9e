"""The Rasa side: Python 3.10, its own environment, imports nothing of ours outside this folder."""
