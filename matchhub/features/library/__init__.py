"""The library: the street's numbered questions and guides."""
