"""The keys of all private sentences.

A reply is a member of `Reply`, or the `Refusal` that it explains; the sentence of each stands in both catalogues as
`reply.<value>`. A test compares the two enumerations with the catalogues, and the words of each call with the sentence.
"""

from __future__ import annotations

from enum import StrEnum

from bot.core.base.results import Refusal


class Reply(StrEnum):
    """A private sentence that explains no refusal of core. Outbox rows hold the value: it is never renamed."""

    # Anything.
    FORM_EXPIRED = "form_expired"
    FORM_UNCERTAIN = "form_uncertain"

    # What somebody has written to the bot.
    TALK_HELP = "talk_help"
    TALK_ACCEPT = "talk_accept"
    TALK_OUTCOME = "talk_outcome"
    TALK_MINE = "talk_mine"
    TALK_NOTHING_OPEN = "talk_nothing_open"
    TALK_FOUND = "talk_found"
    TALK_AWAY = "talk_away"
    TALK_AWAY_WHEN = "talk_away_when"
    TALK_AWAY_WHO = "talk_away_who"
    TALK_AWAY_CONFIRM = "talk_away_confirm"
    TALK_BACK = "talk_back"
    TALK_TEAM = "talk_team"

    # A name that was typed.
    NAME_UNKNOWN = "name_unknown"
    NAME_UNKNOWN_NEAR = "name_unknown_near"
    PERSON_NOT_ON_ROSTER = "person_not_on_roster"

    # An MQL.
    BAD_NUMBER = "bad_number"
    NO_OPEN_MQLS = "no_open_mqls"
    SEVERAL_NOTHING = "several_nothing"
    REMINDED = "reminded"
    REMINDED_SEVERAL = "reminded_several"
    REMINDED_SOME = "reminded_some"
    REMINDED_NOBODY = "reminded_nobody"
    STILL_PAUSED = "still_paused"
    WITHDRAW_DONE = "withdraw_done"
    MERGE_DONE = "merge_done"
    MERGE_TWO_NUMBERS = "merge_two_numbers"
    MERGE_UNDONE = "merge_undone"
    LIST_WORD = "list_word"
    SEARCH_WORDS = "search_words"
    SEARCH_NOTHING = "search_nothing"
    SEARCH_NOTHING_AMONG = "search_nothing_among"
    LIST_NOT_ALLOWED = "list_not_allowed"

    # Intake.
    NEW_CREATED = "new_created"
    NEW_REPEATED = "new_repeated"
    INTAKE_NOT_ALLOWED = "intake_not_allowed"
    UNREADABLE_DONE = "unreadable_done"
    RULE_KNOWN = "rule_known"
    RULE_GONE = "rule_gone"

    # Files that are imported.
    UPLOAD_NOT_ALLOWED = "upload_not_allowed"
    UPLOAD_MOVED_ON = "upload_moved_on"

    # Absence and a rep's own week.
    AWAY_BAD_DATE = "away_bad_date"
    BACK = "back"
    NOT_AWAY = "not_away"
    ONLY_REPS = "only_reps"
    AWAY_OTHERS_NOT_ALLOWED = "away_others_not_allowed"
    AWAY_WHO_SEVERAL = "away_who_several"
    TRIP_AT_WORK = "trip_at_work"
    ABSENCE_SET = "absence_set"
    ABSENCE_CANCELLED = "absence_cancelled"
    ABSENCE_GONE = "absence_gone"
    ABSENCE_OVERRULED = "absence_overruled"
    COVER_DONE = "cover_done"
    COVER_KEPT = "cover_kept"
    COVER_NOTHING = "cover_nothing"
    COVER_TAKEN_BACK = "cover_taken_back"
    COVER_LEFT = "cover_left"
    OWN_WEEK_ON = "own_week_on"
    OWN_WEEK_OFF = "own_week_off"
    OWN_WEEK_OFF_ALREADY = "own_week_off_already"
    OWN_WEEK_ONLY_REPS = "own_week_only_reps"

    # The meeting and its actions.
    ACTION_DONE = "action_done"
    ACTION_DONE_ALREADY = "action_done_already"
    MEETING_HELD_ALREADY = "meeting_held_already"
    MEETING_FUTURE = "meeting_future"
    MEETING_BEGINS_LATER = "meeting_begins_later"

    # Reports, targets and the self-check.
    REPORT_NOT_ALLOWED = "report_not_allowed"
    REPORT_AHEAD = "report_ahead"
    BAD_WEEK = "bad_week"
    BAD_MONTH = "bad_month"
    COUNTING = "counting"
    COUNT_FAILED = "count_failed"
    KPI_NOT_ALLOWED = "kpi_not_allowed"
    SOURCES_NOT_ALLOWED = "sources_not_allowed"
    SETTINGS_NOT_ALLOWED = "settings_not_allowed"
    SOURCE_GONE = "source_gone"
    READER_GONE = "reader_gone"
    LAYOUT_GONE = "layout_gone"
    CHECKUP_NOT_ALLOWED = "checkup_not_allowed"

    # Messages that were refused, and kinds that are muted.
    RESENT = "resent"
    RESEND_NOTHING = "resend_nothing"
    RESEND_NOT_ALLOWED = "resend_not_allowed"
    AUDIT_NOT_ALLOWED = "audit_not_allowed"
    NOISE_NOT_ALLOWED = "noise_not_allowed"

    # Routes.
    ROUTE_NOT_ALLOWED = "route_not_allowed"


ReplyKey = Reply | Refusal
