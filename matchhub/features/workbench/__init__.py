"""The desk: what waits for a person, what waits for others, what was done, and the navigation of every desk page."""
