"""The rooms that people walk into: one folder each, which never import each other."""
