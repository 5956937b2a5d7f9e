"""The ground all other parts stand on: settings, keys, clock, database, redis. Knows nobody."""
