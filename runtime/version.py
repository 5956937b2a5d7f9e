"""Which version of the product this is: in the API's description, in backups, in /metrics."""

VERSION = "0.1.0"
