"""Papers that people take away: one description (`paper`), and a writer for each form (PDF, Word, QR code, calendar)."""
