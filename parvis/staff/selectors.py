"""Who works here, and what each may see."""

from collections.abc import Callable, Iterable

from django.db.models import QuerySet

from parvis.kernel.clock import utcnow
from parvis.kernel.ids import token_hash
from parvis.staff.domain.viewer import Role, Viewer
from parvis.staff.models import ApiToken, Member, Team

# Which sites a member works at is known to `catalog`, above; it registers the answer here at start-up.
_site_ids_of: Callable[[int], frozenset[int]] = lambda member_id: frozenset()  # noqa: E731


def provide_site_ids(function: Callable[[int], frozenset[int]]) -> None:
    """Let a higher context say at which sites a member works."""
    global _site_ids_of
    _site_ids_of = function


def viewer_of(member: Member, *, token: ApiToken | None = None) -> Viewer:
    """The viewer that a member is. Administrators and those marked so see every site."""
    everything = member.all_sites or member.role == Role.ADMINISTRATOR
    return Viewer(
        member_id=member.pk,
        role=Role(member.role),
        site_ids=None if everything else _site_ids_of(member.pk),
        name=member.name,
        language=member.language,
        token_id=token.pk if token else None,
        scopes=frozenset(token.scopes) if token else None,
    )


def viewer_of_token(secret: str) -> Viewer | None:
    """The viewer behind an API token, or None if it is unknown, expired, revoked, or its member has left."""
    token = ApiToken.objects.select_related("member").filter(digest=token_hash(secret), revoked_at=None).first()
    if token is None or not token.member.is_active or (token.expires_at and token.expires_at <= utcnow()):
        return None
    return viewer_of(token.member, token=token)


def members_active() -> QuerySet[Member]:
    """Everyone who can be given work, by name."""
    return Member.objects.filter(is_active=True).order_by("name", "id")


def member_get(member_id: int) -> Member | None:
    """A member by id."""
    return Member.objects.filter(pk=member_id).first()


def member_names(member_ids: Iterable[int]) -> dict[int, str]:
    """Names by id, of those who have left as well."""
    return dict(Member.objects.filter(pk__in=set(member_ids)).values_list("pk", "name"))


def teams() -> QuerySet[Team]:
    """All teams, by name."""
    return Team.objects.order_by("name")


def member_choices() -> list[tuple[int, str]]:
    """Everyone who has ever worked here as (id, name), by name: to choose whose doings to look at."""
    return list(Member.objects.order_by("name", "id").values_list("pk", "name"))


def team_names(team_ids: Iterable[int]) -> dict[int, str]:
    """Names by id."""
    return dict(Team.objects.filter(pk__in=set(team_ids)).values_list("pk", "name"))


def token_names(token_ids: Iterable[int]) -> dict[int, str]:
    """Names by id, revoked ones included."""
    return dict(ApiToken.objects.filter(pk__in=set(token_ids)).values_list("pk", "name"))
