"""Measuring Parvis: a large database made fast, and a run of what is promised against it."""
