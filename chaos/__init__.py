"""Faults on purpose: a deployment under load while its parts are killed, paused and lied to, and a checker of what came of it."""
