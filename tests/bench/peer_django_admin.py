"""The screens: the columns of ours, 25 rows a page, search and filters switched on; tuned as its documentation says."""

from typing import Any

from django.contrib import admin
from import_export.admin import ExportMixin
from import_export.resources import ModelResource

from tests.bench.peer_django_tables import Category, Person, Ticket, Unit


class Screen(admin.ModelAdmin):
    list_per_page = 25


class TicketResource(ModelResource):
    class Meta:
        model = Ticket
        fields = ("number", "title", "state", "unit__name", "lead_unit__name", "next_due_at", "submitted_at")


class TicketScreen(ExportMixin, Screen):
    resource_classes = [TicketResource]
    list_display = ("number", "title", "state", "unit", "lead_unit", "next_due_at", "submitted_at")
    list_filter = ("state", "tier", "source", "submitted_at")
    search_fields = ("number", "title")
    ordering = ("-submitted_at",)


class PersonScreen(Screen):
    list_display = ("name", "staff_no", "unit", "post", "category", "employment")
    list_filter = ("employment",)
    search_fields = ("name", "staff_no")
    ordering = ("staff_no",)


class UnitScreen(Screen):
    list_display = ("code", "name", "kind", "parent", "leader_name", "phone", "valid_to")
    list_filter = ("kind",)
    search_fields = ("name", "code")
    ordering = ("code",)


class Quick:
    """Without the count of everything."""

    show_full_result_count = False


class QuickTickets(Quick, TicketScreen):
    list_select_related = ("unit", "lead_unit")
    autocomplete_fields = ("unit", "lead_unit")
    raw_id_fields = ("category",)


class QuickPeople(Quick, PersonScreen):
    list_select_related = ("unit",)
    autocomplete_fields = ("unit", "liaison_unit")


class QuickUnits(Quick, UnitScreen):
    list_select_related = ("parent",)
    autocomplete_fields = ("parent",)


def register(site: Any, *, tuned: bool) -> None:
    screens = (QuickTickets, QuickPeople, QuickUnits) if tuned else (TicketScreen, PersonScreen, UnitScreen)
    for model, screen in zip((Ticket, Person, Unit), screens, strict=True):
        site.register(model, screen)
    site.register(Category)
