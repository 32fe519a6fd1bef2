"""Intake review: panels, recusal, score sheets, the result and the decision."""
