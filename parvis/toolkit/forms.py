"""What forms of every context share."""

import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from parvis.kernel.errors import ParvisError

# The midnights of the calendar's ends lie outside it in some zone.
SENSIBLE_DAYS = [MinValueValidator(dt.date(1970, 1, 1)), MaxValueValidator(dt.date(2200, 12, 31))]


def put_errors(form: forms.BaseForm, error: ParvisError) -> None:
    """Show what a service refused at the fields it names, or above the form."""
    known = {name: value for name, value in error.fields.items() if name in form.fields}
    for name, value in known.items():
        for text in value if isinstance(value, list | tuple) else [value]:
            form.add_error(name, str(text))
    if not known:
        form.add_error(None, str(error))
