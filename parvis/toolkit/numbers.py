"""Numbers as they stand in addresses and forms: anybody can write anything there."""

LONGEST = 18  # digits of what every database's 64-bit integer holds


def whole_number(text: str) -> int | None:
    """A whole number ≥ 0 in plain digits; None for anything else, and for more digits than a database takes."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None
