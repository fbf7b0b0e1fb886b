#!/usr/bin/env python
"""The same command line as `parvis`, where Django's habits expect it."""

from parvis.config.cli import main

if __name__ == "__main__":
    main()
