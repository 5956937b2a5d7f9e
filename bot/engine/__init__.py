"""The engine: a stateless Rasa behind three HTTP calls. `serve` answers turns, `train` makes models, `shell` is Rasa's own command line."""
