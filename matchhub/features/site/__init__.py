"""The public front of the site: home, search, results in figures, help and the pages that every site must have."""
