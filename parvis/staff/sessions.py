"""Who is signed in: asked for by every page, and therefore by prepared queries."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from parvis.staff.models import Member
from parvis.toolkit.prepared import prepared


class SessionStore(db.SessionStore):
    """Django's sessions in the database (`SESSION_ENGINE`)."""

    def _get_session_from_db(self) -> Any:
        found = _session(key=self.session_key or "", now=timezone.now())
        if found:
            return found[0]
        self._session_key = None
        return None


class Backend(AuthenticationBackend):
    """Sign-in by address and password, as allauth does it."""

    def get_user(self, user_id: Any) -> Any:
        """The member of a session; None for one that is gone or no longer active."""
        found = _member(pk=int(user_id))
        return found[0] if found and self.user_can_authenticate(found[0]) else None


@prepared
def _session(key: str, now: Any) -> QuerySet:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


@prepared
def _member(pk: int) -> QuerySet[Member]:
    return Member.objects.filter(pk=pk)
