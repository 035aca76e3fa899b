"""Who answers for a record: an abstract base for records that belong to a person and a team."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.records.models import ShapedRecord
from tenants.people.models import Team, User


class OwnedRecord(ShapedRecord):
    """owner: the person answerable for it. team: the owner's team when the record was given to them."""

    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team")
    )

    class Meta(ShapedRecord.Meta):
        abstract = True
