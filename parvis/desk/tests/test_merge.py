"""Two records become one person, and two again, whatever came in between."""

import datetime as dt

import pytest

from parvis.customers.finding import duplicates, duplicates_of, merges_into
from parvis.customers.models import Customer, Merge
from parvis.customers.selectors import customer_visible, customers_search, email_of, recognition_of
from parvis.customers.services import affiliation_make, contact_point_add, customer_change, organisation_create
from parvis.desk.services import conversation_close
from parvis.desk.services.merge import customer_merge, customer_unmerge
from parvis.encounters.models import Encounter
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid, NotFound
from parvis.ledger.models import Entry
from parvis.ledger.selectors import timeline
from parvis.promises.models import Promise
from tests.world import World


def two(world: World) -> tuple[Customer, Customer]:
    """Zoé of the mailbox with two encounters, and Zoé of the phone with one."""
    one = world.contact(need_id=world.repair.pk)
    world.contact(subject="Encore")
    other = world.contact(channel="phone", email="", phone="06 12 34 56 78", name="MARTIN Zoé", subject="Devis")
    return one.customer, other.customer


def owners(*customers: Customer) -> list[int]:
    return [Encounter.objects.filter(customer=c).count() for c in customers]


def figures(customer: Customer) -> tuple[int, int]:
    customer.refresh_from_db()
    return customer.encounter_count, customer.open_count


def test_same_names_and_addresses_are_suspected(world: World) -> None:
    zoe, twin = two(world)
    assert [(s.other, s.because) for s in duplicates_of(world.viewer("agent"), zoe)] == [(twin, "name")]
    assert {(s.one, s.other) for s in duplicates(world.viewer("agent"))} == {(zoe, twin)}


def test_a_customer_of_another_site_is_never_suggested(world: World) -> None:
    zoe = world.contact().customer
    world.contact(email="", phone="06 12 34 56 78", site_id=world.gare.pk)
    assert duplicates_of(world.viewer("agent"), zoe) == []
    assert duplicates(world.viewer("agent")) == []
    assert len(duplicates(world.viewer("administrator"))) == 1


def test_a_merge_moves_everything_and_counts_again(world: World) -> None:
    zoe, twin = two(world)
    viewer = world.viewer("agent")
    customer_change(viewer=viewer, customer_id=twin.pk, matters="Préfère un appel")
    customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=twin.pk)
    assert owners(zoe, twin) == [3, 0]
    assert figures(zoe) == (3, 3)
    assert set(Promise.objects.values_list("customer_id", flat=True)) == {zoe.pk}
    assert {p.value for p in zoe.contact_points.all()} == {"zoe@exemple.example", "06 12 34 56 78"}
    assert zoe.matters == "Préfère un appel"
    # The old record, its number and its name lead to the one that stays.
    assert customer_visible(viewer, twin.pk) == zoe
    assert customers_search(viewer, "0612345678")[0] == [zoe]
    assert customers_search(viewer, "martin")[0] == [zoe]
    assert world.contact(channel="phone", email="", phone="0612345678").customer == zoe
    entry = Entry.objects.get(name="customer.merged")
    assert (entry.customer_id, entry.data) == (zoe.pk, {"absorbed": twin.pk})


def test_the_whole_story_is_told_after_a_merge(world: World) -> None:
    from parvis.customers.finding import record_ids

    zoe, twin = two(world)
    customer_merge(viewer=world.viewer("agent"), keep_id=zoe.pk, absorb_id=twin.pk)
    told = timeline(customer_ids=record_ids(zoe), site_ids=world.viewer("agent").site_ids)
    assert {e.customer_id for e in told} == {zoe.pk, twin.pk}


def test_an_undo_puts_both_back_as_they_were(world: World) -> None:
    zoe, twin = two(world)
    viewer = world.viewer("agent")
    organisation = organisation_create(viewer=viewer, name="Lycée")
    for customer in (zoe, twin):
        contact_point_add(viewer=viewer, customer_id=customer.pk, kind="email", value="commun@exemple.example")
        affiliation_make(viewer=viewer, customer_id=customer.pk, organisation_id=organisation.pk, role="Achats")
    before = [
        (set(c.contact_points.values_list("kind", "key")), c.affiliations.count(), *figures(c), c.matters, c.name)
        for c in (zoe, twin)
    ]
    promised = set(Promise.objects.values_list("pk", "customer_id"))
    merge = customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=twin.pk)
    assert zoe.affiliations.count() == 1
    customer_unmerge(viewer=viewer, merge_id=merge.pk)
    after = [
        (set(c.contact_points.values_list("kind", "key")), c.affiliations.count(), *figures(c), c.matters, c.name)
        for c in (zoe, twin)
    ]
    assert after == before
    assert set(Promise.objects.values_list("pk", "customer_id")) == promised
    assert owners(zoe, twin) == [2, 1]
    assert customer_visible(viewer, twin.pk) == twin
    assert customers_search(viewer, "0612345678")[0] == [twin]


def test_what_came_in_since_goes_to_whom_it_came_from(world: World) -> None:
    zoe, twin = two(world)
    viewer = world.viewer("agent")
    merge = customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=twin.pk)
    by_phone = world.contact(channel="phone", email="", phone="06 12 34 56 78", subject="Après, au téléphone")
    by_mail = world.contact(subject="Après, par mail")
    contact_point_add(viewer=viewer, customer_id=zoe.pk, kind="phone", value="06 98 76 54 32")
    customer_unmerge(viewer=viewer, merge_id=merge.pk)
    by_phone.refresh_from_db()
    by_mail.refresh_from_db()
    assert (by_phone.customer_id, by_mail.customer_id) == (twin.pk, zoe.pk)
    assert set(Promise.objects.filter(encounter=by_phone).values_list("customer_id", flat=True)) == {twin.pk}
    assert (figures(zoe), figures(twin)) == ((3, 3), (2, 2))
    # What was noted on the kept record since stays there.
    assert zoe.contact_points.filter(key="+33698765432").exists()


def test_an_undo_keeps_what_was_said_and_done_in_the_moved_encounters(world: World) -> None:
    zoe, twin = two(world)
    viewer = world.viewer("agent")
    merge = customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=twin.pk)
    moved = Encounter.objects.get(subject="Devis")
    conversation_close(viewer=viewer, encounter_id=moved.pk)
    customer_change(viewer=viewer, customer_id=zoe.pk, matters="Noté après la fusion")
    customer_unmerge(viewer=viewer, merge_id=merge.pk)
    assert figures(twin) == (1, 0)
    zoe.refresh_from_db()
    assert zoe.matters == "Noté après la fusion"


def test_an_address_removed_after_the_merge_does_not_come_back(world: World) -> None:
    from parvis.customers.services import contact_point_remove

    zoe, twin = two(world)
    viewer = world.viewer("agent")
    merge = customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=twin.pk)
    contact_point_remove(viewer=viewer, contact_point_id=zoe.contact_points.get(kind="phone").pk)
    customer_unmerge(viewer=viewer, merge_id=merge.pk)
    assert twin.contact_points.count() == 0


def test_merges_stack_and_come_apart_from_the_last(world: World) -> None:
    zoe, twin = two(world)
    third = world.contact(email="zm@exemple.example", name="Z. Martin").customer
    viewer = world.viewer("agent")
    first = customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=twin.pk)
    second = customer_merge(viewer=viewer, keep_id=third.pk, absorb_id=zoe.pk)
    assert customer_visible(viewer, twin.pk) == third  # one step, however often merged
    with pytest.raises(Conflict):
        customer_unmerge(viewer=viewer, merge_id=first.pk)
    customer_unmerge(viewer=viewer, merge_id=second.pk)
    assert customer_visible(viewer, twin.pk) == zoe
    customer_unmerge(viewer=viewer, merge_id=first.pk)
    assert owners(zoe, twin, third) == [2, 1, 1]
    assert merges_into(zoe) == []


def test_a_merge_is_undone_once(world: World) -> None:
    zoe, twin = two(world)
    merge = customer_merge(viewer=world.viewer("agent"), keep_id=zoe.pk, absorb_id=twin.pk)
    customer_unmerge(viewer=world.viewer("agent"), merge_id=merge.pk)
    with pytest.raises(Conflict):
        customer_unmerge(viewer=world.viewer("agent"), merge_id=merge.pk)


def test_a_record_is_not_merged_with_itself_nor_twice(world: World) -> None:
    zoe, twin = two(world)
    third = world.contact(email="zm@exemple.example", name="Z. Martin").customer
    viewer = world.viewer("agent")
    with pytest.raises(Invalid):
        customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=zoe.pk)
    customer_merge(viewer=viewer, keep_id=zoe.pk, absorb_id=twin.pk)
    with pytest.raises(Conflict):
        customer_merge(viewer=viewer, keep_id=third.pk, absorb_id=twin.pk)
    assert Merge.objects.count() == 1


def test_the_outsider_neither_merges_nor_undoes(world: World) -> None:
    zoe, twin = two(world)
    outsider = world.viewer("outsider")
    with pytest.raises(NotFound):
        customer_merge(viewer=outsider, keep_id=zoe.pk, absorb_id=twin.pk)
    theirs = world.contact(site_id=world.gare.pk, email="gare@exemple.example", name="Omar").customer
    with pytest.raises(NotFound):
        customer_merge(viewer=outsider, keep_id=theirs.pk, absorb_id=zoe.pk)
    merge = customer_merge(viewer=world.viewer("agent"), keep_id=zoe.pk, absorb_id=twin.pk)
    with pytest.raises(NotFound):
        customer_unmerge(viewer=outsider, merge_id=merge.pk)


def test_a_site_that_knew_only_the_other_half_forgets_the_kept_one_again(world: World) -> None:
    zoe = world.contact().customer
    twin = world.contact(email="", phone="06 12 34 56 78", site_id=world.gare.pk).customer
    chief, outsider = world.viewer("administrator"), world.viewer("outsider")
    merge = customer_merge(viewer=chief, keep_id=zoe.pk, absorb_id=twin.pk)
    assert customer_visible(outsider, zoe.pk) == zoe
    customer_unmerge(viewer=chief, merge_id=merge.pk)
    with pytest.raises(NotFound):
        customer_visible(outsider, zoe.pk)
    assert customer_visible(outsider, twin.pk) == twin


def test_recognition_spans_both_records(world: World) -> None:
    zoe, twin = two(world)
    long_ago = utcnow() - dt.timedelta(days=900)
    Customer.objects.filter(pk=twin.pk).update(first_seen_at=long_ago)
    customer_merge(viewer=world.viewer("agent"), keep_id=zoe.pk, absorb_id=twin.pk)
    zoe.refresh_from_db()
    known = recognition_of(zoe)
    assert (known.encounter_count, known.since) == (3, long_ago)
    assert email_of(zoe.pk) == "zoe@exemple.example"
