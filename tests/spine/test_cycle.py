from parvis.promises.selectors import promises_of_encounter
from tests.world import World


def test_a_contact_is_promised_an_answer(world: World) -> None:
    encounter = world.contact(need_id=world.repair.pk)
    kinds = {p.kind for p in promises_of_encounter(world.viewer("agent"), encounter.pk)}
    assert kinds == {"first_answer", "resolution"}
