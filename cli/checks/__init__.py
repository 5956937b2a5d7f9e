"""What `weiting doctor` looks at. A further check is a function in a module here and its name in registry.py."""
