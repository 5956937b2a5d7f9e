"""The command line `weiting`: the one place that knows all the parts and composes them."""
