"""Who works here, and what each may see."""

from collections.abc import Callable, Iterable

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid, NotFound
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


def opens_anything(authorization: str) -> bool:
    """Whether an Authorization header carries a token that is in force now."""
    scheme, __, secret = authorization.partition(" ")
    return scheme.lower() == "bearer" and viewer_of_token(secret) is not None


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


def members_listed() -> list[Member]:
    """Everyone who works or worked here with their teams, by name: two queries."""
    return list(Member.objects.prefetch_related("teams").order_by("name", "id"))


def person_get(member_id: int) -> Member:
    """A member, for the page about them. Raises NotFound."""
    found = Member.objects.filter(pk=member_id).first()
    if found is None:
        raise NotFound(_("There is no such person here."), code="no_member")
    return found


def tokens_of(member_id: int) -> list[ApiToken]:
    """A person's keys to the API, those in force first."""
    return list(ApiToken.objects.filter(member_id=member_id).order_by(F("revoked_at").asc(nulls_first=True), "-id"))


def teams_listed() -> list[Team]:
    """All teams with `size`, the number of active members, by name."""
    active = Count("members", filter=Q(members__is_active=True))
    return list(Team.objects.annotate(size=active).order_by("name"))


def member_by_email(email: str) -> Member:
    """An active member by address. Raises Invalid."""
    found = Member.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise Invalid(_("There is no member “%(email)s”.") % {"email": email[:80]}, code="no_member")
    return found


def team_by_name(name: str) -> Team:
    """A team by name. Raises Invalid."""
    found = Team.objects.filter(name=name).first()
    if found is None:
        raise Invalid(_("There is no team “%(name)s”.") % {"name": name[:80]}, code="no_team")
    return found


def signed_as(viewer: Viewer) -> str:
    """How a member signs their letters: the name, and under it the signature of their profile, if they have one."""
    own = Member.objects.filter(pk=viewer.person).values_list("signature", flat=True).first() or ""
    return f"{viewer.name}\n{own}" if own else viewer.name
