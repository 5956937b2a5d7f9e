"""Sign-in, roles, tokens, audit, and the app that serves the staff API and the built pages."""
