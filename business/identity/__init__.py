"""Who has proved what. The only door to a subscriber's figures."""
