"""Open data: the page that says what is offered, and the files."""
