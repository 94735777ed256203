"""What each code of an error is called where errors are counted and chosen."""

from rules.refusals import N_

ERROR_WORDS = {
    "required": N_("Missing"),
    "error_cell": N_("Formula failed"),
    "too_long": N_("Too long"),
    "rounded": N_("Rounded by Excel"),
    "id_number": N_("ID number"),
    "mobile": N_("Mobile"),
    "phone": N_("Telephone"),
    "number": N_("No number"),
    "flag": N_("Yes or no"),
    "date": N_("Date"),
    "word": N_("Unknown word"),
    "state": N_("State"),
    "stars": N_("Stars"),
    "order": N_("Order of times"),
    "kind": N_("Kind of unit"),
    "unit_code": N_("Unit code"),
    "unknown_unit": N_("Unknown unit"),
    "ambiguous_unit": N_("Ambiguous unit"),
    "parent": N_("Parent is wrong"),
    "no_parent": N_("No parent unit"),
    "parent_kind": N_("Levels do not match"),
    "no_key": N_("Nothing identifies the row"),
    "ambiguous": N_("Ambiguous person"),
    "twice": N_("Twice in the file"),
    "taken": N_("Belongs to somebody else"),
    "outside": N_("Outside your units"),
}
OTHER = N_("Other")
