"""The library's actions."""
