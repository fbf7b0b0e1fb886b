"""What the schema does not name is refused: a mistyped filter must not answer with everything."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ConfigDict

from parvis.kernel.errors import Invalid


class Given(Schema):
    """The body of a request; a member it does not know is refused (422)."""

    model_config = ConfigDict(extra="forbid")


def known_parameters_only(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate an operation of the API: a query parameter it does not know, or that comes twice, is refused (422).

    Operations take no lists in the query; the last of two values would win silently.
    """
    known = set(inspect.signature(operation).parameters) - {"request"}

    @wraps(operation)
    def strict(request: HttpRequest, **values: Any) -> Any:
        unknown, twice = _("There is no such parameter here."), _("This parameter came more than once.")
        wrong = {
            name[:80]: twice if name in known else unknown
            for name, given in request.GET.lists()
            if name not in known or len(given) > 1
        }
        if wrong:
            raise Invalid(_("The request does not fit the schema."), fields=wrong)
        return operation(request, **values)

    return strict
