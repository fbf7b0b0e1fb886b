"""Mail of a customer who is erased: the account of mail stays complete, what was written is gone."""

from collections.abc import Iterable

from parvis.channels.domain.states import OutState
from parvis.channels.models import Blob, OutMail, RawBody, RawMail


def mails_forget(*, mail_ids: Iterable[int], out_mail_ids: Iterable[int], addresses: Iterable[str]) -> None:
    """Empty these mails, in and out, and every other message from or to these addresses (lower case) and numbers.

    Rows, states and hashes stay, so that the same bytes delivered again are known and not taken in anew; what waits to
    leave is stopped. Call inside the transaction of the erasure.
    """
    known = list(addresses)
    came = set(mail_ids) | set(RawMail.objects.filter(sender__in=known).values_list("pk", flat=True))
    RawBody.objects.filter(mail_id__in=came).update(content=b"")
    RawMail.objects.filter(pk__in=came).update(
        envelope_from="", envelope_to=[], sender="", subject="", message_id="", error=""
    )
    left = set(out_mail_ids)
    for address in known:
        # `to` is a JSON list: narrowed as text by the database, compared for certain here.
        rows = OutMail.objects.filter(to__icontains=address).values_list("pk", "to")
        left |= {pk for pk, to in rows if address in {a.lower() for a in to}}
    OutMail.objects.filter(pk__in=left, state=OutState.QUEUED).update(state=OutState.CANCELLED)
    OutMail.objects.filter(pk__in=left).update(
        to=[], cc=[], reply_to="", subject="", text="", html="", headers={}, attachments=[], error=""
    )


def blobs_forget(*, blob_ids: Iterable[int]) -> None:
    """Delete contents of attachments that nobody refers to any more; the caller knows that."""
    Blob.objects.filter(pk__in=list(blob_ids)).delete()
