"""The names by which a click or a form finds its listener. Each constant has exactly one listener (a test holds it)."""

import json
from collections.abc import Mapping
from typing import Any

# Buttons and overflow menus; their value is the MQL's id.
ACCEPT = "mql_accept"
CONTACTED = "mql_contacted"
HOW = "mql_how"  # opens the form that asks how the lead was contacted
REPORT = "mql_report"  # opens the feedback form
QUICK = "mql_quick"  # a select of answers; its options' values are "<disposition>:<lost reason>:<mql id>"
SEVERAL = "mql_several"  # opens the form for several of my MQLs; its value says nothing
REASSIGN = "mql_reassign"  # opens the form; also in the overflow
TAKE_OVER = "mql_take_over"
REMIND = "mql_remind"
REMIND_ALL = "several_remind_all"  # value is the outbox id of the list in which it stands
REASSIGN_SEVERAL = "several_reassign"  # opens the form; likewise, or 0 in the App Home: of the list that it shows
REMIND_SEVERAL = "several_remind"  # opens the form; in the App Home
ROW = "mql_row"  # the overflow menu of a row for leaders; its options' values are "<option>:<mql id>"
RESUME = "mql_resume"
UNDO = "act_undo"  # value is the id of what can be undone, not of the MQL
NEXT_TOUCH = "next_touch_day"  # a select of days; its options' values are "<preset>:<mql id>"
MORE = "mql_more"  # the overflow menu; its options' values are "<option>:<mql id>"
OPEN_IN_CRM = "mql_open_in_crm"  # a link button; acknowledged, nothing else
SHOW = "mql_show"  # opens the MQL's page in a modal
ENTER_UNREADABLE = "unreadable_enter"  # opens the new-MQL form; value is the unreadable's id
DISMISS_UNREADABLE = "unreadable_dismiss"
HAND_OVER = "held_hand_over"  # opens the form; value is the id of an entry of the queue
NEVER_APP = "sender_never"  # value is the id of an entry of the queue
NEVER_HEADLINE = "headline_never"  # likewise
TEACH = "sender_teach"  # opens the form; likewise
OPEN_MESSAGE = "queue_open_message"  # a link button; acknowledged, nothing else
SENDER_RULES = "sender_rules"  # opens the list; its value says nothing
LOOK_AT_READER = "reader_look"  # value is the id of the version that counts
LOOK_AT_SOURCE = "source_look"  # in the list; value is the source's id
REMOVE_RULE = "sender_rule_remove"  # in the list; value is the rule's id
DISPUTE = "mql_dispute"  # opens the form
UPHOLD = "dispute_uphold"  # opens the form; value is the id of the event that opened the dispute
ACCEPT_DISPUTE = "dispute_accept"  # likewise
MERGE = "mql_merge"  # opens the form
UNDO_MERGE = "mql_merge_undo"
CONSENT_PAUSE = "pause_consent"  # value is the id of the event that asked for it
REFUSE_PAUSE = "pause_refuse"  # opens the form; value likewise
MENU_LIST = "menu_list"  # these four open a page; their values say nothing
MENU_TEAM = "menu_team"
MENU_NEW = "menu_new"
MENU_HELP = "menu_help"
AWAY = "away_open"  # opens the form; its value says nothing
AWAY_CANCEL = "away_cancel"  # value is the absence's id
TRIP_AT_WORK = "trip_at_work"  # of a business trip; its value says nothing
AWAY_CONFIRM = "away_confirm"  # of somebody else; value is "user:first:last:part", the part empty for whole days
COVER_NEXT = "cover_next"  # value is the id of the absence for which a cover is looked for
COVER_BY = "cover_by"  # a select of colleagues; its options' values are "<absence>:<user>"
COVER_KEEP = "cover_keep"  # value as of COVER_NEXT
COVER_TAKE_BACK = "cover_take_back"  # value is "<absence>:<user who covers>"
COVER_LEAVE = "cover_leave"  # likewise
PAUSE_TURNS = "turns_pause"  # value is "<id of a row of the roster>:<when it was asked>"
LEAVE_TURNS = "turns_leave"  # likewise
RESUME_TURNS = "turns_resume"  # value is the id of a row of the roster
OWN_WEEK = "own_week"  # value is 1 (start) or 0 (stop): about nobody but who presses
BACK = "away_back"  # likewise, at once
AUDIT_KIND = "audit_kind"  # selects and buttons of the audit log; their values are pages: "<kind>:<user>:<skipped>"
AUDIT_WHO = "audit_who"
AUDIT_NEWER = "audit_newer"
AUDIT_OLDER = "audit_older"
HOME_REP = "home_rep"  # filters of the list of all open MQLs; their options' values are "all" or "=<what>"
HOME_STATE = "home_state"
HOME_TIER = "home_tier"
HOME_BEFORE = "home_before"  # pages of it; their value is the number of the page, from 0
HOME_AFTER = "home_after"
RESEND = "outbox_resend"  # value is the id of a message that Slack refused
RESEND_ALL = "outbox_resend_all"
RECORD_ACTION = "action_record"  # opens the form; its value says nothing
ACTION_DONE = "action_done"  # value is the action's id
ACTION_CHANGE = "action_change"  # opens the form; value is the action's id
ACTION_REOPEN = "action_reopen"  # likewise
MUTE = "kind_mute"  # value is a kind of message
UNMUTE = "kind_unmute"  # likewise
PROPOSE_DEFINITION = "definition_propose"  # opens the form; value is the month of a scoring check
AGREE_DEFINITION = "definition_agree"  # value is the version's id
CLOSE_DEFINITION = "definition_close"  # opens the form; likewise
DEFINITION_NOW = "definition_now"  # in a form: back to how things stand; its value says nothing
DEFINITION_VERSIONS = "definition_versions"  # in a form: the list; value is how many newer ones are left out
DEFINITION_VERSION = "definition_version"  # in a form: one of them; value is its id
MEETING_HELD = "meeting_held"  # value is the day, as 20261124
CRM_THEIRS = "crm_theirs"  # value is the id of a conflict with a CRM
CRM_OURS = "crm_ours"  # likewise
UPLOAD_LEADS = "upload_leads"  # what a file holds; value is the upload's id
UPLOAD_HISTORY = "upload_history"  # likewise
UPLOAD_OUTCOMES = "upload_outcomes"  # likewise
UPLOAD_IMPORT = "upload_import"  # value is the upload's id
UPLOAD_COLUMNS = "upload_columns"  # opens the form; likewise
UPLOAD_CANCEL = "upload_cancel"  # likewise
UPLOAD_UNDO = "upload_undo"  # likewise
SETUP_PLACE = "setup_place"  # these open a form of the set-up; their values say nothing
SETUP_CHANNELS = "setup_channels"
SETUP_PEOPLE = "setup_people"
SETUP_POLICY = "setup_policy"
SETUP_SOURCE = "setup_source"
SETUP_PARTS = "setup_parts"  # opens a page; value is its number, from 0
SETUP_MANAGERS = "setup_managers"  # likewise
SETUP_START = "setup_start"  # its value says nothing
SETUP_WITHDRAW = "setup_withdraw"  # likewise: the test lead
SETUP_CLOSE = "setup_close"  # likewise

SETTINGS = "settings_open"  # opens the list of settings; its value says nothing
SETTING = "setting_show"  # in a form: shows the place of the settings that its value names, as JSON
SETTING_BACK = "setting_back"  # likewise, so that both may stand in one row
SETTING_NEXT = "setting_next"  # likewise
SETTING_PERSON = "setting_person"  # in a form: a select of people, whose form it shows then

# Options of MORE.
OPTION_CONTACTED = "contacted_how"  # opens the form: the contact, and how
OPTION_REASSIGN = "reassign"
OPTION_DECLINE = "decline"
OPTION_PAUSE = "pause"  # opens the form
OPTION_WHY = "why"
OPTION_NEXT_TOUCH = "next_touch"  # opens the form

# Options of ROW.
OPTION_TAKE_OVER = "take_over"
OPTION_REMIND = "remind"
OPTION_RESUME = "resume"
OPTION_SHOW = "show"

# Inside modals.
AWAY_NOT = "away_not"  # of what the bot learnt; value is the absence's id
CALENDAR = "calendar_open"  # opens the form; its value says nothing
CALENDAR_UNLINK = "calendar_unlink"  # in the form; its value says nothing
AWAY_WHO = "away_who"  # a select of people, whose form it shows then
AWAY_TODAY = "away_today"  # these five set the absence at once
AWAY_TOMORROW = "away_tomorrow"
AWAY_WEEK = "away_week"
AWAY_MORNING = "away_morning"
AWAY_AFTERNOON = "away_afternoon"
SETUP_PART = "setup_part"  # a select of what somebody is; its options' values are "<user>:<part>"
SETUP_MANAGER = "setup_manager"  # a select of managers; its options' values are "<user>:<manager>", or "<user>:"
PICK_MQL = "pick_mql"  # a select that chooses among my open MQLs and shows the form for it
DISPOSITION = "disposition"  # radio buttons that change the form

# Forms; private_metadata is JSON, {"mql": id} and what the form needs.
SETTINGS_FORM = "settings_form"  # {"place": which setting, "seen": version, "was", "asked"}; about no MQL
CALENDAR_FORM = "calendar_form"  # about no MQL
AWAY_FORM = "away_form"  # {"who": user}; about no MQL
HOW_FORM = "how_form"
FEEDBACK_FORM = "feedback_form"
SEVERAL_FORM = "several_form"
REASSIGN_FORM = "reassign_form"
REASSIGN_SEVERAL_FORM = "several_reassign_form"  # about no single MQL
REMIND_SEVERAL_FORM = "several_remind_form"  # likewise
DECLINE_FORM = "decline_form"
PAUSE_FORM = "pause_form"
NEXT_TOUCH_FORM = "next_touch_form"
REFUSE_PAUSE_FORM = "pause_refuse_form"  # {"request": the event that asked}, and the MQL
DISPUTE_FORM = "dispute_form"
UPHOLD_FORM = "dispute_uphold_form"  # {"dispute": the event that opened it}, and the MQL
MERGE_FORM = "merge_form"
NEW_MQL_FORM = "new_mql_form"
TEACH_FORM = "sender_teach_form"  # {"unreadable": id}; about no MQL
READER_FORM = "reader_form"  # {"reader": id of a version}; about no MQL
SOURCE_FORM = "source_form"  # {"source": id, "delivery": id, where something came}; about no MQL
HAND_OVER_FORM = "held_hand_over_form"  # {"unreadable": id}; about no MQL
ROUTE_FORM = "route_form"  # a lead to try; about no MQL
KPI_FORM = "kpi_form"  # about no MQL
CHECKUP_FORM = "checkup_form"  # about no MQL; its inputs are named like the points
CHECKUP_PAGE = "checkup_page"  # the result; sending it asks for the form
ACTION_FORM = "action_form"  # about no MQL; {"page": 1} where it was asked for in MEETING_PAGE
ACTION_CHANGE_FORM = "action_change_form"  # {"action": id, "seen": the newest entry of its log}, "page" as above
MEETING_PAGE = "meeting_page"  # open actions; sending it asks for the form
DEFINITION_FORM = "definition_form"  # about no MQL
CLOSE_DEFINITION_FORM = "definition_close_form"  # {"definition": id}; about no MQL
DEFINITION_PAGE = "definition_page"  # the versions; sending it asks for the form
UPLOAD_FORM = "upload_form"  # {"upload": id}; about no MQL
SETUP_PLACE_FORM = "setup_place_form"  # {"draft": what was chosen when it was opened}; about no MQL
SETUP_CHANNELS_FORM = "setup_channels_form"  # likewise
SETUP_PEOPLE_FORM = "setup_people_form"  # about no MQL
SETUP_POLICY_FORM = "setup_policy_form"  # {"draft": as above}; about no MQL
SETUP_SOURCE_FORM = "setup_source_form"  # about no MQL
KPI_PAGE = "kpi_page"  # the result; sending it asks for the form

# Menus: Slack asks for their options while somebody types.
TIMEZONE_MENU = "menu_timezone"
OWN_TIMEZONE_MENU = "menu_own_timezone"
HOLIDAYS_MENU = "menu_holidays"

# Inputs: block ids, on which a form's errors are shown. The element's action id is the same word.
SETTING_FIELD = "setting_field"  # one for each key: the block id is "setting_field:<path of the key>"
SETTING_PLACE = "setting_place"
SETTING_REMOVE = "setting_remove"
SETTING_MOVE = "setting_move"  # whether open MQLs follow a changed policy
SOURCE_VERSION = "source_version"
SOURCE_ORGANIZATION = "source_organization"
READER_VERSION = "reader_version"
SOURCE_FIELD = "source_field"  # one for each part: the block id is "source_field:<its number>"
AWAY_DAYS = "away_days"
CALENDAR_ADDRESS = "calendar_address"
CONTACT_KIND = "contact_kind"
CONTACT_NOTE = "contact_note"
SEVERAL_ANSWER = "several_answer"  # one for each MQL: the block id is "several_answer:<mql id>"
LOST_REASON = "lost_reason"
COMMENT = "comment"
AMOUNT = "amount"
DEAL_RESULT = "deal_result"  # what came of the opportunity
DEAL_AMOUNT = "deal_amount"
DEAL_ON = "deal_on"
NEXT_STEP = "next_step"
RECYCLE_ON = "recycle_on"
NEW_OWNER = "new_owner"
PICKED = "picked"  # checkboxes of MQLs: the block id is "picked:<n>", their values are the MQLs' ids
WHY_NOT = "why_not"
WHY_NOT_REASON = "why_not_reason"  # a choice beside WHY_NOT
PAUSE_UNTIL = "pause_until"
PAUSE_PRESET = "pause_preset"  # a choice beside PAUSE_UNTIL
WHY_PAUSE = "why_pause"
WHY_PAUSE_REASON = "why_pause_reason"  # a choice beside WHY_PAUSE
WHY_UPHELD = "why_upheld"
NEXT_TOUCH_ON = "next_touch_on"
WHY_PAUSE_REFUSED = "why_pause_refused"
WHY_DISPUTE = "why_dispute"
MERGE_WITH = "merge_with"
MERGE_NUMBER = "merge_number"
MERGE_FOUND = "merge_found"  # with a checksum of what was typed behind a colon: each search is a field of its own
ACTION_WHAT = "action_what"
ACTION_OWNER = "action_owner"
ACTION_UNTIL = "action_until"
DEFINITION_TEXT = "definition_text"
DEFINITION_THRESHOLD = "definition_threshold"
DEFINITION_WHY = "definition_why"
DEFINITION_CLOSED_WHY = "definition_closed_why"
WHY_HAND_OVER = "why_hand_over"
RULE_GATE = "rule_gate"
RULE_REQUIRED = "rule_required"
RULE_INDUSTRIES = "rule_industries"
RULE_SIZE = "rule_size"
RULE_TITLES = "rule_titles"
RULE_REGIONS = "rule_regions"
RULE_CHANNELS = "rule_channels"
RULE_DOMAINS = "rule_domains"
COMPANY = "company"
PERSON = "person"
EMAIL = "email"
PHONE = "phone"
CHANNEL = "channel"
CHANNEL_OTHER = "channel_other"  # where the channel is chosen: another one
SCORE = "score"
MESSAGE = "message"
LABEL_FIELD = "label_field"  # one for each label: the block id is "label_field:<label>"
ROUTE_MORE = "route_more"  # attributes, a line each
ROUTE_FILE = "route_file"  # a part of a team file
UPLOAD_KIND = "upload_kind"
UPLOAD_ORDER = "upload_order"
UPLOAD_COLUMN = "upload_column"  # one for each column: the block id is "upload_column:<its place>"
SETUP_NAME = "setup_name"
SETUP_LANGUAGE = "setup_language"
SETUP_TIMEZONE = "setup_timezone"
SETUP_CHANNEL = "setup_channel"  # one for each use: the block id is "setup_channel:<use>"
SETUP_NEW_CHANNEL = "setup_new_channel"  # likewise
SETUP_FROM = "setup_from"
SETUP_GROUP = "setup_group"
SETUP_NAMED = "setup_named"
SETUP_AS = "setup_as"
SETUP_TEMPLATE = "setup_template"
SETUP_HOLIDAYS = "setup_holidays"
SETUP_CLOSURES = "setup_closures"
SETUP_KIND = "setup_kind"
REVENUE = "revenue"
DEAL = "deal"
FIRST_MONTH = "first_month"
MONTHS = "months"
WIN_RATE = "win_rate"
OPPORTUNITY_RATE = "opportunity_rate"
MQL_RATE = "mql_rate"
LEAD_TO_MQL = "lead_to_mql"
MQL_TO_OPPORTUNITY = "mql_to_opportunity"
OPPORTUNITY_TO_WIN = "opportunity_to_win"

# Steps of Workflow Builder: functions of manifest.yml.
REGISTER_MQL = "register_mql"
REPORT_OUTCOME = "report_outcome"


def mql_of(view: Mapping[str, Any]) -> int:
    """Return the MQL that an open form is about. Raises KeyError for a form that is about none."""
    return int(json.loads(view["private_metadata"])["mql"])
