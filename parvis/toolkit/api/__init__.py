"""Plumbing of the API that says nothing about the business: clean values, problem details, idempotency."""
