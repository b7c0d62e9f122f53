"""Command line of the package: see `main.py`."""
