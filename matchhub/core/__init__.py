"""The ground floor: database, clock, ledger, outbox, files and access. It knows no word of the domain."""
