"""Social organisations: joining, their profile and people, verification by the street, and the public list."""
