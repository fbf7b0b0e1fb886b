"""Rows of lists of customers: ``{% load customers %}``."""

from django import template
from django.utils.safestring import SafeString

from parvis.customers.models import Customer
from parvis.toolkit.addresses import address
from parvis.toolkit.drawn import drawn

register = template.Library()


@register.simple_tag
def customer_row(customer: Customer) -> SafeString:
    """``{% customer_row customer %}``: one of `customers_listed`, with what it is reached by and whom it speaks for."""
    affiliation = next(iter(customer.affiliations.all()), None)
    person = {
        "id": customer.pk,
        "name": str(customer),
        "url": address("customer", customer.reference),
        "org": affiliation.organisation.name if affiliation else "",
        "points": [point.value for point in customer.contact_points.all()[:2]],
        "last_seen_at": customer.last_seen_at,
        "is_regular": customer.is_regular,
        "is_newcomer": customer.is_newcomer,
        "open_count": customer.open_count,
    }
    return drawn("customers/row.html", {"person": person})
