"""Needs (需求): raised, drafted, published, asked about and ended by the street; read by everybody."""
