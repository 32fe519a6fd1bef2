"""Public notices (公示) and the objections raised against them (异议)."""
