"""Name how an input record can end, and why: two closed sets that analysts and alerts rely on."""

from enum import StrEnum


class Verdict(StrEnum):
    """How one input record ended."""

    __hash__ = str.__hash__  # Enum's own is slow, and these are keys

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    STALE = "stale"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why it ended so (contract.md section 4). The second half are reasons of dead letters too."""

    __hash__ = str.__hash__  # Enum's own is slow, and these are keys

    SAME_ROW = "same_row"
    NO_CONTACT = "no_contact"
    NO_LIST = "no_list"
    NO_PHONE = "no_phone"
    OPTED_OUT = "opted_out"
    NO_NUMBER = "no_number"
    RECONSENT_NEEDS_REVIEW = "reconsent_needs_review"
    LATE_OPT_OUT = "late_opt_out"
    LIFTED = "lifted"
    KEPT_QUARANTINED = "kept_quarantined"
    PHONE_DROPPED = "phone_dropped"
    TIME_ZONE_INVALID = "time_zone_invalid"
    LIST_DEFERRED = "list_deferred"
    OLDER = "older"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    NOT_A_LEAD_CHANGE = "not_a_lead_change"

    UNKNOWN_LEAD = "unknown_lead"
    UNDECODABLE = "undecodable"
    SCHEMA_UNKNOWN = "schema_unknown"
    LEAD_ID_MISSING = "lead_id_missing"
    PHONE_INVALID = "phone_invalid"
    VALUE_TOO_LONG = "value_too_long"
    COLUMN_INVALID = "column_invalid"
    REFUSED_BY_PLATFORM = "refused_by_platform"
    COLLISION = "collision"
    GAP = "gap"
    OVERFLOW = "overflow"
    WILDCARD = "wildcard"
    UNSUPPORTED_LAYOUT = "unsupported_layout"


class Stage(StrEnum):
    """Where a record was refused."""

    DECODE = "decode"
    VALIDATE = "validate"
    SEND = "send"
