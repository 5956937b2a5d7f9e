"""The library's books on loan."""
