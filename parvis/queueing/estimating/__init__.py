"""From the rows of the queue to an estimate: the line as it stands, what was learned, and what is told."""
