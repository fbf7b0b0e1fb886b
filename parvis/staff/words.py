"""How this context's ledger entries read, and whose names are behind ids of members, tokens and teams."""

from django.utils.translation import gettext_lazy as _

from parvis.ledger.words import Phrase, actors_register, names_register, phrases_register
from parvis.staff import events
from parvis.staff.selectors import member_choices, member_names, team_names, token_names

phrases_register(
    "staff",
    _("People"),
    {
        events.MEMBER_ADDED: Phrase(_("%(actor)s added %(member)s"), "user-plus", {"member": "member"}),
        events.MEMBER_CHANGED: Phrase(_("%(actor)s changed the account of %(member)s"), "user", {"member": "member"}),
        events.TEAM_SAVED: Phrase(_("%(actor)s saved the team %(team)s"), "users", {"team": "team"}),
        events.TEAM_REMOVED: Phrase(_("%(actor)s removed the team %(team)s"), "users", {"team": "team"}),
        events.PASSWORD_LINK_MADE: Phrase(
            _("%(actor)s made a link to a new password for %(member)s"), "key", {"member": "member"}
        ),
        events.TWO_FACTOR_OFF: Phrase(
            _("%(actor)s switched off the second step of %(member)s’s sign-in"), "lock", {"member": "member"}
        ),
        events.TOKEN_CREATED: Phrase(
            _("%(actor)s made the API key %(token)s for %(member)s"), "key", {"token": "token", "member": "member"}
        ),
        events.TOKEN_REVOKED: Phrase(_("%(actor)s withdrew the API key %(token)s"), "key", {"token": "token"}),
    },
)
names_register("member", member_names)
names_register("token", token_names)
names_register("team", team_names)
actors_register(member_choices)
