"""The customer's side: tree of needs, form, own requests, follow-up answer."""
