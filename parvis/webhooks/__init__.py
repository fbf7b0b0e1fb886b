"""Webhooks: what happens is told to programs elsewhere, signed by the Standard Webhooks specification."""
