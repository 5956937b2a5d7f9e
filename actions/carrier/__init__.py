"""A carrier's actions, one module per topic."""
