"""The demonstration's site for every law that looks at it."""

from tests.laws.demo_site import demo_app, demo_made

__all__ = ["demo_app", "demo_made"]
