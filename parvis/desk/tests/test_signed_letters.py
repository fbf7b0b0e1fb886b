from parvis.channels.models import OutMail
from parvis.desk.services import reply_send
from parvis.staff.services import profile_change
from tests.world import World


def test_a_signature_goes_under_the_replies(world: World) -> None:
    profile_change(member=world.agent, signature="Atelier vélo, poste 12")
    encounter = world.contact()
    reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Passez demain.")
    assert "Passez demain.\n\nAgent\nAtelier vélo, poste 12\nAtelier du Canal" in OutMail.objects.latest("id").text
