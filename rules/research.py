"""Field research: how one goes out (domain § 5), to whom (§ 4), what came of it, and the course of a topic (§ 7)."""

from enum import StrEnum

from rules.refusals import N_


class VisitKind(StrEnum):
    DAY_VISIT = "day_visit"
    NIGHT_TALK = "night_talk"
    STAY_IN = "stay_in"
    SYMPOSIUM = "symposium"
    SENTIMENT_MEETING = "sentiment_meeting"
    CONDOLENCE = "condolence"
    LECTURE = "lecture"
    ON_SITE_OFFICE = "on_site_office"
    SITE_SURVEY = "site_survey"


VISIT_KIND_LABELS = {
    VisitKind.DAY_VISIT: N_("Day visit"),
    VisitKind.NIGHT_TALK: N_("Night talk"),
    VisitKind.STAY_IN: N_("Stay"),
    VisitKind.SYMPOSIUM: N_("Symposium"),
    VisitKind.SENTIMENT_MEETING: N_("Residents' meeting"),
    VisitKind.CONDOLENCE: N_("Visit of care"),
    VisitKind.LECTURE: N_("Lecture"),
    VisitKind.ON_SITE_OFFICE: N_("Office on the spot"),
    VisitKind.SITE_SURVEY: N_("Site survey"),
}


class ObjectKind(StrEnum):
    HOUSEHOLD = "household"
    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"
    SOCIAL_ORGANISATION = "social_organisation"
    PROJECT = "project"
    INDIVIDUAL = "individual"


OBJECT_KIND_LABELS = {
    ObjectKind.HOUSEHOLD: N_("Household"),
    ObjectKind.ENTERPRISE: N_("Enterprise"),
    ObjectKind.INSTITUTION: N_("Institution"),
    ObjectKind.SOCIAL_ORGANISATION: N_("Social organisation"),
    ObjectKind.PROJECT: N_("Project"),
    ObjectKind.INDIVIDUAL: N_("Individual"),
}
NAMED_AFTER_SOMEBODY = frozenset({ObjectKind.HOUSEHOLD, ObjectKind.INDIVIDUAL})


class Outcome(StrEnum):
    LISTENED = "listened"
    ISSUE_RAISED = "issue_raised"
    REFUSED = "refused"
    ABSENT = "absent"


OUTCOME_LABELS = {
    Outcome.LISTENED: N_("Listened"),
    Outcome.ISSUE_RAISED: N_("Issue raised"),
    Outcome.REFUSED: N_("Turned away"),
    Outcome.ABSENT: N_("Nobody there"),
}


class TopicStage(StrEnum):
    OPENED = "opened"
    RESEARCH = "research"
    CONCLUDED = "concluded"
    APPLIED = "applied"


TOPIC_STAGE_LABELS = {
    TopicStage.OPENED: N_("Opened"),
    TopicStage.RESEARCH: N_("Under research"),
    TopicStage.CONCLUDED: N_("Concluded"),
    TopicStage.APPLIED: N_("Put to use"),
}
