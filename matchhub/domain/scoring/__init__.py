"""The arithmetic of scores: pure functions of plain values, without database, clock or words."""
