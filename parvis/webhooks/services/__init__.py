"""The only way to write endpoints and deliveries."""

from parvis.webhooks.services.endpoints import (
    endpoint_add,
    endpoint_change,
    endpoint_remove,
    endpoint_switch,
    secret_rotate,
)
from parvis.webhooks.services.queueing import (
    deliveries_forget,
    deliveries_queue,
    delivery_resend,
    failed_resend,
    ping_queue,
)
from parvis.webhooks.services.sending import deliveries_send, delivery_send, endpoint_deliver

__all__ = [
    "deliveries_forget",
    "deliveries_queue",
    "deliveries_send",
    "delivery_resend",
    "delivery_send",
    "endpoint_add",
    "endpoint_change",
    "endpoint_deliver",
    "endpoint_remove",
    "endpoint_switch",
    "failed_resend",
    "ping_queue",
    "secret_rotate",
]
