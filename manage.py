#!/usr/bin/env python
"""Django's usual entry; `.venv/bin/parvis` is the same with Parvis's own commands listed first."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parvis.config.settings")
    execute_from_command_line(sys.argv)
