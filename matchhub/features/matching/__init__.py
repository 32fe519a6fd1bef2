"""Matching: which organisations fit a need and the other way round, the street's invitations, and whether all get a chance."""
