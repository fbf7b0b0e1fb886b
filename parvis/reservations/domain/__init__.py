"""Pure decisions: which starts are possible, what still fits, who is next. No Django, no clock."""
