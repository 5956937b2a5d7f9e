"""The action server: what the bot asks of business, one folder per industry."""
