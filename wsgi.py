"""What an application server loads: `gunicorn wsgi:app`."""

import gc

# Nothing that is made while starting is garbage: looking for it would take a fifth of the time, in every later round too.
gc.disable()

from matchhub import create_app  # noqa: E402 - after the line above

app = create_app()
gc.freeze()
gc.enable()
