"""The only way to write members, teams and tokens."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import utcnow
from parvis.kernel.contact import is_email
from parvis.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from parvis.kernel.ids import new_token, token_hash
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.staff import events
from parvis.staff.domain.keys import keymap_checked
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
    email, name = _free_address(email), _named(name, 120)
    if password is not None:
        password_check(password)
    with transaction.atomic():
        member = Member.objects.create_user(email, password, name=name, role=_clean("role", role, Member()), **fields)
        member.teams.add(*team_ids)
        _record(viewer, events.MEMBER_ADDED, member=member.pk, role=role)
    return member


def password_check(password: str) -> None:
    """Raise Invalid, with the reasons, for a password that is too weak."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), fields={"password": error.messages}) from error


MEMBER_FIELDS = frozenset({"name", "email", "role", "all_sites", "is_active"})


def member_change(*, viewer: Viewer, member_id: int, **changes: Any) -> Member:
    """Change a person's `name`, `email`, `role`, `all_sites`, `is_active`, `team_ids`.

    Raises Invalid with `fields`, also if nobody would be left to administer the house; NotFound for nobody.
    """
    _authorise(viewer)
    team_ids = changes.pop("team_ids", None)
    if unknown := set(changes) - MEMBER_FIELDS:
        raise TypeError(f"unknown fields: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        member = _member(member_id)
        before = member.email
        for field, value in changes.items():
            setattr(member, field, _clean(field, value, member))
        if member.email != before:
            # allauth keeps addresses of its own: the old one must no longer open the door.
            EmailAddress.objects.filter(user_id=member.pk).delete()
        if not _an_administrator_is_left(member):
            message = _("Somebody must remain an administrator.")
            raise Invalid(message, code="last_administrator", fields={"role": message})
        member.save()
        if team_ids is not None:
            member.teams.set(team_ids)
        _record(viewer, events.MEMBER_CHANGED, member=member.pk, fields=sorted(changes))
    return member


def _member(member_id: int) -> Member:
    found = Member.objects.select_for_update().filter(pk=member_id).first()
    if found is None:
        raise NotFound(_("There is no such person here."), code="no_member")
    return found


def _clean(field: str, value: Any, member: Member) -> Any:
    if field == "name":
        return _named(value, 120)
    if field == "email":
        return _free_address(value, member)
    if field == "role" and value not in {role.value for role in Role}:
        raise Invalid(_("Choose a role."), fields={"role": _("Choose a role.")})
    return value


def _named(value: Any, longest: int) -> str:
    name = " ".join(str(value or "").split())
    if not name or len(name) > longest:
        raise Invalid(_("A name is needed."), fields={"name": _("A name is needed.")})
    return name


def _free_address(value: Any, member: Member | None = None) -> str:
    email = str(value or "").strip().lower()
    if not is_email(email):
        raise Invalid(_("This is not an e-mail address."), fields={"email": _("Write it as name@example.com.")})
    if Member.objects.filter(email=email).exclude(pk=member.pk if member else 0).exists():
        raise Invalid(_("This address is taken."), fields={"email": _("A member with this address exists already.")})
    return email


def _an_administrator_is_left(changed: Member) -> bool:
    if changed.is_active and changed.role == Role.ADMINISTRATOR:
        return True
    return Member.objects.filter(is_active=True, role=Role.ADMINISTRATOR).exclude(pk=changed.pk).exists()


def password_link_make(*, viewer: Viewer, member_id: int) -> str:
    """A path on which this person chooses a new password, once, within the time Django gives such links.

    For handing over by hand, where no mail leaves the house yet. Raises NotFound, or Conflict for who has left.
    """
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    _authorise(viewer)
    with transaction.atomic():
        member = _member(member_id)
        if not member.is_active:
            raise Conflict(_("This person has left."), hint=_("Let them in again first."))
        _record(viewer, events.PASSWORD_LINK_MADE, member=member.pk)
    key = default_token_generator.make_token(member)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(member), "key": key})


def two_factor_switch_off(*, viewer: Viewer, member_id: int) -> int:
    """Let a person who lost their phone in with their password alone; returns how many keys were removed."""
    from allauth.mfa.models import Authenticator

    _authorise(viewer)
    with transaction.atomic():
        member = _member(member_id)
        removed, __ = Authenticator.objects.filter(user=member).delete()
        if removed:
            _record(viewer, events.TWO_FACTOR_OFF, member=member.pk)
    return removed


PROFILE_FIELDS = frozenset({"name", "language", "theme", "keys_on", "keymap", "signature"})


def profile_change(*, member: Member, **changes: Any) -> Member:
    """A person's own settings: `name`, `language`, `theme`, `keys_on`, `keymap` ({default key: theirs}), `signature`.

    Raises Invalid with `fields` (keys by `domain.keys.field_of`).
    """
    if unknown := set(changes) - PROFILE_FIELDS:
        raise Invalid(_("This cannot be changed here."), fields=dict.fromkeys(unknown, ""))
    with transaction.atomic():
        renamed = "name" in changes and changes["name"] != member.name
        for field, value in changes.items():
            setattr(member, field, _own(field, value))
        member.save(update_fields=list(changes))
        if renamed:
            facts = [Fact(events.MEMBER_CHANGED, data={"member": member.pk, "fields": ["name"]})]
            entries_record(actor=Actor("member", member.pk), facts=facts)
    return member


def _own(field: str, value: Any) -> Any:
    match field:
        case "name":
            return _named(value, 120)
        case "language" if value not in dict(settings.LANGUAGES):
            raise Invalid(_("Choose a language."), fields={"language": _("Choose a language.")})
        case "theme" if value not in ("auto", "light", "dark"):
            raise Invalid(_("Choose a theme."), fields={"theme": _("Choose a theme.")})
        case "keymap":
            return keymap_checked(value)
        case "signature":
            return str(value or "").strip()[:2000]
    return value


def team_save(*, viewer: Viewer, name: str, team_id: int | None = None) -> Team:
    """Add or rename a team. Raises Invalid for a name that is empty or taken, NotFound for no such team."""
    _authorise(viewer)
    with transaction.atomic():
        team = _team(team_id) if team_id else Team()
        team.name = _named(name, 80)
        if Team.objects.filter(name__iexact=team.name).exclude(pk=team.pk).exists():
            raise Invalid(_("A team has this name already."), fields={"name": _("A team has this name already.")})
        team.save()
        _record(viewer, events.TEAM_SAVED, team=team.pk)
    return team


def team_remove(*, viewer: Viewer, team_id: int) -> None:
    """Dissolve a team: its members stay, its work goes back into the common pool."""
    _authorise(viewer)
    with transaction.atomic():
        team = _team(team_id)
        _record(viewer, events.TEAM_REMOVED, team=team.pk, called=team.name)
        team.delete()


def _team(team_id: int) -> Team:
    found = Team.objects.filter(pk=team_id).first()
    if found is None:
        raise NotFound(_("There is no such team."), code="no_team")
    return found


def token_create(
    *, viewer: Viewer, member_id: int, name: str, scopes: Iterable[str], expires_at: dt.datetime | None = None
) -> tuple[ApiToken, str]:
    """A key to the API that acts for a member. Returns the row and the secret, which is shown this once only.

    Raises Invalid with `fields` for no name, no scope, or a time that has passed; NotFound for nobody.
    """
    from parvis.staff.api import SCOPES

    _authorise(viewer)
    wanted = sorted(set(scopes))
    if not wanted or set(wanted) - set(SCOPES):
        raise Invalid(_("Choose what the key may do."), fields={"scopes": _("Choose what the key may do.")})
    if expires_at is not None and expires_at <= utcnow():
        raise Invalid(_("That time has passed."), fields={"expires": _("Choose a day that lies ahead.")})
    secret = f"parvis_{new_token()}"
    with transaction.atomic():
        member = _member(member_id)
        token = ApiToken.objects.create(
            name=_named(name, 80), member=member, digest=token_hash(secret), scopes=wanted, expires_at=expires_at
        )
        _record(viewer, events.TOKEN_CREATED, token=token.pk, member=member_id, scopes=token.scopes)
    return token, secret


def token_revoke(*, viewer: Viewer, token_id: int) -> ApiToken:
    """Withdraw a key to the API for good; again changes nothing. Raises NotFound."""
    _authorise(viewer)
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
        if token is None:
            raise NotFound(_("There is no such key."), code="no_token")
        if token.revoked_at is None:
            token.revoked_at = utcnow()
            token.save(update_fields=["revoked_at"])
            _record(viewer, events.TOKEN_REVOKED, token=token.pk, member=token.member_id)
    return token


def _record(viewer: Viewer, name: str, **data: Any) -> None:
    entries_record(actor=actor_of(viewer), facts=[Fact(name, data=data)])
