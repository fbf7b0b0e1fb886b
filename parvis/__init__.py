"""Parvis: the front of house of a service business."""

__version__ = "0.1.0"
