"""Where the booking pages stand: on the portal, or in a frame of somebody else's page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from parvis.reservations.partners import Selling
from parvis.reservations.services import Caller, Door


@dataclass(frozen=True)
class Frame:
    """The dress and the addresses of the three steps.

    What the page around says, carried from step to step: `language` and `theme` ("" for the browser's), and `site`
    where everything of a site is shown, so that there is a way back to the list. `partner`: in whose name is booked.
    """

    door: Door = Door.PORTAL
    language: str = ""
    theme: str = ""
    site: str = ""
    partner: Selling | None = None
    framed: bool = False

    @property
    def embedded(self) -> bool:
        """Whether somebody else's page is around."""
        return self.framed or self.door is Door.WIDGET

    @property
    def caller(self) -> Caller:
        """Whoever books here."""
        return Caller.partner(self.partner.pk) if self.partner else Caller.public(self.door)

    @property
    def base(self) -> str:
        """The template that the steps before a booking extend."""
        if self.partner and not self.embedded:
            return "portal/private_base.html"
        return "portal/booking/frame.html" if self.embedded else "portal/base.html"

    @property
    def private_base(self) -> str:
        """The template of pages whose address is their key."""
        return "portal/booking/frame.html" if self.embedded else "portal/private_base.html"

    @property
    def what(self) -> str:
        """The first step; "" where a page shows one offering only."""
        if not self.embedded:
            return reverse("book_partner", args=[self.partner.key]) if self.partner else reverse("book")
        return self._url("widget", self.site) if self.site else ""

    @property
    def carried(self) -> dict[str, str]:
        """What stands in every address of a frame."""
        partner = self.partner.key if self.partner and self.embedded else ""
        given = {"lang": self.language, "theme": self.theme, "of": self.site, "partner": partner}
        return {name: value for name, value in given.items() if value}

    @property
    def more(self) -> str:
        """The same, to be added to a query."""
        return "&" + urlencode(self.carried) if self.carried else ""

    def times(self, slug: str, query: str = "") -> str:
        """The second step of an offering."""
        return self._url("widget" if self.embedded else "book_times", slug, query)

    def hold(self, slug: str, query: str = "") -> str:
        """Where a chosen time is posted to."""
        return self._url("widget_hold" if self.embedded else "book_hold", slug, query)

    def who(self, token: str) -> str:
        """The third step."""
        return self._url("widget_who" if self.embedded else "book_who", token)

    def done(self, token: str, tz: str = "") -> str:
        """What was booked."""
        query = "?" + urlencode({"tz": tz}) if tz else ""
        return self._url("widget_done" if self.embedded else "book_done", token, query)

    def _url(self, name: str, part: str, query: str = "") -> str:
        if self.carried:
            query += ("&" if query else "?") + urlencode(self.carried)
        if self.partner and not self.embedded:
            return reverse(name.replace("book_", "book_partner_"), args=[self.partner.key, part]) + query
        return reverse(name, args=[part]) + query


PORTAL = Frame()
