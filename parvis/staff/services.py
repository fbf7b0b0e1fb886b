"""The only way to write members, teams and tokens."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.kernel.contact import is_email
from parvis.kernel.errors import Invalid, NotAllowed
from parvis.kernel.ids import new_token, token_hash
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff import events
from parvis.staff.domain.viewer import Right, Role, Viewer
from parvis.staff.models import ApiToken, Member, Team


def actor_of(viewer: Viewer) -> Actor:
    """The viewer as the ledger names whoever acts."""
    if viewer.token_id is not None:
        return Actor("token", viewer.token_id)
    return Actor("member", viewer.member_id) if viewer.member_id is not None else Actor.system()


def _authorise(viewer: Viewer) -> None:
    if not viewer.may(Right.MANAGE_PEOPLE):
        raise NotAllowed(_("Only an administrator changes people, teams and tokens."))


def member_create(
    *,
    viewer: Viewer,
    email: str,
    name: str,
    role: str = Role.AGENT,
    password: str | None = None,
    team_ids: Iterable[int] = (),
    **fields: Any,
) -> Member:
    """Add a person. Without a password they set one by the sign-in page's "forgotten password".

    Raises Invalid for an address in use or a weak password.
    """
    _authorise(viewer)
    email = email.strip().lower()
    if not is_email(email):
        raise Invalid(_("This is not an e-mail address."), fields={"email": _("Write it as name@example.com.")})
    if Member.objects.filter(email=email).exists():
        raise Invalid(_("This address is taken."), fields={"email": _("A member with this address exists already.")})
    if password is not None:
        password_check(password)
    with transaction.atomic():
        member = Member.objects.create_user(email, password, name=name.strip(), role=role, **fields)
        member.teams.set(team_ids)
        _record(viewer, events.MEMBER_ADDED, member=member.pk, role=role)
    return member


def password_check(password: str) -> None:
    """Raise Invalid, with the reasons, for a password that is too weak."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), fields={"password": error.messages}) from error


def member_change(*, viewer: Viewer, member_id: int, **changes: Any) -> Member:
    """Change a person's `name`, `email`, `role`, `all_sites`, `is_active`, `team_ids`.

    Raises Invalid if nobody would be left to administer the house.
    """
    _authorise(viewer)
    team_ids = changes.pop("team_ids", None)
    with transaction.atomic():
        member = Member.objects.select_for_update().get(pk=member_id)
        for field, value in changes.items():
            setattr(member, field, value)
        if not _an_administrator_is_left(member):
            raise Invalid(_("Somebody must remain an administrator."), code="last_administrator")
        member.save()
        if team_ids is not None:
            member.teams.set(team_ids)
        _record(viewer, events.MEMBER_CHANGED, member=member.pk, fields=sorted(changes))
    return member


def _an_administrator_is_left(changed: Member) -> bool:
    if changed.is_active and changed.role == Role.ADMINISTRATOR:
        return True
    return Member.objects.filter(is_active=True, role=Role.ADMINISTRATOR).exclude(pk=changed.pk).exists()


def profile_change(*, member: Member, **changes: Any) -> Member:
    """A person's own settings: `name`, `language`, `theme`, `keys_on`, `keymap`, `signature`."""
    allowed = {"name", "language", "theme", "keys_on", "keymap", "signature"}
    if unknown := set(changes) - allowed:
        raise Invalid(_("This cannot be changed here."), fields=dict.fromkeys(unknown, ""))
    for field, value in changes.items():
        setattr(member, field, value)
    member.save(update_fields=list(changes))
    return member


def team_save(*, viewer: Viewer, name: str, team_id: int | None = None) -> Team:
    """Add or rename a team."""
    _authorise(viewer)
    with transaction.atomic():
        team = Team.objects.get(pk=team_id) if team_id else Team()
        team.name = name.strip()
        team.save()
        _record(viewer, events.TEAM_SAVED, team=team.pk)
    return team


def token_create(
    *, viewer: Viewer, member_id: int, name: str, scopes: Iterable[str], expires_at: dt.datetime | None = None
) -> tuple[ApiToken, str]:
    """A key to the API that acts for a member. Returns the row and the secret, which is shown this once only."""
    _authorise(viewer)
    secret = f"parvis_{new_token()}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name, member_id=member_id, digest=token_hash(secret), scopes=sorted(scopes), expires_at=expires_at
        )
        _record(viewer, events.TOKEN_CREATED, token=token.pk, member=member_id, scopes=token.scopes)
    return token, secret


def _record(viewer: Viewer, name: str, **data: Any) -> None:
    entries_record(actor=actor_of(viewer), facts=[Fact(name, data=data)])
