"""Pages on which a manager sets the house up."""
