"""Pure decisions: who is next, how a turn goes on, how long it will take. No Django, no clock."""
