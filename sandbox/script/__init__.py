"""The scripting door /api/: a stranger's script, and the phone page, play everybody but the product."""
