"""A carrier's figures: balance, bills, allowances and points, from whichever source holds them."""
