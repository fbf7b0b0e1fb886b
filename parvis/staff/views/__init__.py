"""Pages of people: sign-in's edges, one's own profile, members, teams and API keys."""

from parvis.staff.views.entrance import locked_out

__all__ = ["locked_out"]
