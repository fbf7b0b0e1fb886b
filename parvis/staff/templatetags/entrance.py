"""What the sign-in pages ask: ``{% load entrance %}``."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def mail_leaves() -> bool:
    """Whether this house has a way to send mail."""
    return bool(settings.MAIL_CONFIGURED)
