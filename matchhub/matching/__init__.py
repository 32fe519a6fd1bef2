"""Which organisation fits which need, and why: advice of 100 points, every part of it in words. Never a decision."""
