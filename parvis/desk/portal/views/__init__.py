"""Pages of the customer's side. All public; those with a token in their address are kept by nobody on the way."""
