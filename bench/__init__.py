"""Measures against a floor in the same run: `python -m bench` prints one table. Nothing here is part of the site."""
