"""Opening the sealed applications of a need: passphrases, rehearsal, the ceremony, and its certificate."""
