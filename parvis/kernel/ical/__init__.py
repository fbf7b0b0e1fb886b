"""iCalendar (RFC 5545) in and out: `read.events_of`, `expand.occurrences`, `expand.busy`, `write.calendar_text`.

Import the module that is needed, where it is needed; the values are in `model`. Why this is our own and not a library:
a reader of strangers' files has to survive every one of them, keep the zones of one file out of the next, and bound
what a rule may cost.
"""
