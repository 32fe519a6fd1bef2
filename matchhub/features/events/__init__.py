"""Roadshows, promotions and other events: planning, sign-up, the door, the room, the record."""
