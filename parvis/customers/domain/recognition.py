"""Who is a regular, who is new: said by how often somebody came."""

# From this many encounters on, staff who would not know are told that a regular stands before them (F6).
REGULAR_FROM = 5


def is_regular(encounters: int) -> bool:
    """Whether somebody with this many encounters is to be recognised."""
    return encounters >= REGULAR_FROM


def is_newcomer(encounters: int) -> bool:
    """Whether somebody with this many encounters may need help to find their way (F7)."""
    return encounters <= 1
