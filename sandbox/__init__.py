"""Doubles of what a laptop has not: the WeChat platform with a phone page, and an SMS gateway. Imports none of ours."""
