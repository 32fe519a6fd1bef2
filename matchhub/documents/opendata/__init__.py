"""Open data: what the site publishes anyway, under the names of OCDS 1.1 and 360Giving, as JSON and CSV."""
