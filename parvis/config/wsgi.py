"""The WSGI entry point that granian serves."""

import gc
import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from django.utils.translation import override

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parvis.config.settings")
# A thread that asks the database gives the interpreter away, and would wait 5 ms (Python's default) for it each time
# while others draw pages: seventeen times for a new encounter, with the database's write lock in its hands.
sys.setswitchinterval(0.0005)
django_application = get_wsgi_application()

from parvis.queueing.public.pulse import answering_pulses  # noqa: E402  (needs the applications set up)

application = answering_pulses(django_application)
# Else each thread works all addresses out for itself, and at the worst moment: when the doors open.
for _code, _name in settings.LANGUAGES:
    with override(_code):
        reverse("today")
# What is loaded by now stays: the collector need not walk through all of it again and again.
gc.freeze()
