"""Shares as the language of the page writes them: "53%", "53 %"."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """A share between 0 and 1 in whole percent."""
    return hundredths(number_format(round(100 * share)))


@register.filter
def hundredths(number: float | str) -> str:
    """A number of hundredths, already written or whole, with its sign."""
    return _("%(number)s%%") % {"number": number}
