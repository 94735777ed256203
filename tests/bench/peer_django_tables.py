"""Our tables as Django sees them: enough columns for its lists and forms. Imported only inside a configured Django."""

from django.db import models


class Unmanaged(models.Model):
    class Meta:
        abstract = True
        managed = False


class Unit(Unmanaged):
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    category = models.CharField(max_length=16, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=160)
    leader_name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta(Unmanaged.Meta):
        db_table, app_label, managed = "unit", "district", False

    def __str__(self) -> str:
        return self.name


class Category(Unmanaged):
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)

    class Meta(Unmanaged.Meta):
        db_table, app_label, managed = "category", "district", False

    def __str__(self) -> str:
        return self.name


class Person(Unmanaged):
    staff_no = models.CharField(max_length=32, null=True, blank=True)
    name = models.CharField(max_length=60)
    gender = models.CharField(max_length=8, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    liaison_unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    post = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=32, blank=True)
    political_status = models.CharField(max_length=32, blank=True)
    joined_on = models.DateField(null=True, blank=True)
    employment = models.CharField(max_length=12)
    note = models.TextField(blank=True)

    class Meta(Unmanaged.Meta):
        db_table, app_label, managed = "person", "district", False

    def __str__(self) -> str:
        return self.name


class Ticket(Unmanaged):
    number = models.CharField(max_length=24)
    title = models.CharField(max_length=200)
    text = models.TextField()
    address = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=32)
    kind = models.CharField(max_length=12)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    tier = models.CharField(max_length=12, null=True, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    lead_unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=16)
    submitted_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)

    class Meta(Unmanaged.Meta):
        db_table, app_label, managed = "ticket", "district", False

    def __str__(self) -> str:
        return self.number
