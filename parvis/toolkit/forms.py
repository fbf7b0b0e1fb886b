"""What forms of every context share."""

from django import forms

from parvis.kernel.errors import ParvisError


def put_errors(form: forms.BaseForm, error: ParvisError) -> None:
    """Show what a service refused at the fields it names, or above the form."""
    known = {name: value for name, value in error.fields.items() if name in form.fields}
    for name, value in known.items():
        for text in value if isinstance(value, list | tuple) else [value]:
            form.add_error(name, str(text))
    if not known:
        form.add_error(None, str(error))
