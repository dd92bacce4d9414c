"""Codes: what a result says, as values. Their sentences stand in `pages.press.sentences`.

Verdicts and bands are the declared vocabulary of the published files: their values are the very
words that the frames hold, and other tools depend on them. All other values are identifiers that
no reader sees.
"""

from __future__ import annotations

from enum import StrEnum


class ChangeVerdict(StrEnum):
    """What is sure of a committee's change against the street's: frame ``changes``."""

    RISEN = "明显上升"
    SAME = "无明显变化"
    FALLEN = "明显下降"


class Comparison(StrEnum):
    """What is sure of a difference from the others: diagnoses, ``peer_groups``, ``needs``."""

    ABOVE = "高于"
    BELOW = "低于"
    LEVEL = "无显著差异"
    UNTESTED = "未检验"

    @classmethod
    def of(cls, p: float, difference: float, rate: float) -> Comparison:
        """Return the verdict of a test at that rate; without a p-value nothing is sure."""
        if not p < rate:
            return cls.LEVEL
        return cls.ABOVE if difference > 0 else cls.BELOW


class Loose(StrEnum):
    """What in a list somebody should look at: ``integrity``."""

    UNLINKED = "没有写对应编号"
    UNUSED = "没有被对应"
    TWIN = "疑似重复"
    OVER = "到期仍在进行"


class OwnChange(StrEnum):
    """What is sure of a change itself: ``street_means``, ``satisfaction``, ``changes``."""

    RISEN = "上升"
    FALLEN = "下降"
    SAME = "无显著变化"
    UNTESTED = "未比较"

    @classmethod
    def of(cls, p: float, change: float, rate: float) -> OwnChange:
        """Return the verdict of a test at that rate; without a p-value nothing is sure."""
        if not p < rate:
            return cls.SAME
        return cls.RISEN if change > 0 else cls.FALLEN


class StreetState(StrEnum):
    """How far a street of a city is: frame ``city_streets``."""

    DONE = "已计入"
    NO_FOLDER = "没有文件夹"
    NOT_RUN = "未运行"
    CHANGED = "运行后又变了"
    FAULTY = "有问题"
    REFUSED = "方案与全市不同"


class ClaimVerdict(StrEnum):
    """What became of a published number that was worked out again: frame ``claims``."""

    CONTRADICTED = "不符"
    PARTIAL = "只列出部分"
    ROUNDING = "可由四舍五入解释"
    AGREES = "相符"
    UNVERIFIABLE = "无法核对"


class ClaimReason(StrEnum):
    """Why a published number cannot be checked, or what its contradiction may come from."""

    NOT_AT_HAND = "not_at_hand"
    NO_RECORDS = "no_records"
    FEW = "few"
    BLANKS = "blanks"
    UNATTRIBUTED = "unattributed"
    NO_POPULATION = "no_population"
    NO_QUOTIENT = "no_quotient"
    ONLY_BOUNDS = "only_bounds"
    EXCHANGED = "exchanged"


class TaskState(StrEnum):
    """What became of last wave's tasks: frame ``follow_up``; the first four are what is filled in."""

    NOT_BEGUN = "未启动"
    GOING_ON = "推进中"
    DONE = "已完成"
    DROPPED = "不再适用"
    SAID_DONE = "自报完成"
    UNREPORTED = "未报"

    @classmethod
    def filled_in(cls) -> tuple[TaskState, ...]:
        """Return the states that a list offers; the others follow from what else is filled in."""
        return tuple(cls)[:4]


class Place(StrEnum):
    """What is sure of a person and a quota's places: frame ``quotas``."""

    INSIDE = "可定在名额内"
    OUTSIDE = "可定在名额外"
    UNDECIDED = "分不出"


class Band(StrEnum):
    """How far a score surely lies from the street's mean: frame ``bands``."""

    FAR_ABOVE = "远高于平均"
    ABOVE = "高于平均"
    LEVEL = "与平均分不出"
    BELOW = "低于平均"
    FAR_BELOW = "远低于平均"

    @classmethod
    def of(cls, step: int) -> Band:
        """Return the band so many steps above the mean, -2 to 2."""
        return list(cls)[2 - step]


class TableVerdict(StrEnum):
    """What the league table can be read for."""

    NO_ORDER = "no_order"
    UNDECIDED = "undecided"
    THIRDS = "thirds"
    ROUGH_ORDER = "rough_order"


class Lack(StrEnum):
    """Why a committee cannot be compared with itself: what it is in the wave named."""

    INCOMPLETE = "incomplete"
    ABSENT = "absent"
    UNSURE = "unsure"


class Kinship(StrEnum):
    """What became of committees between two waves: frame ``lineage``."""

    UNCHANGED = "unchanged"
    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"
    MIXED = "mixed"
    NEW = "new"
    CLOSED = "closed"


class ComparedAs(StrEnum):
    """As what committees are compared over two waves, or why they are not: frame ``lineage``."""

    ITSELF = "itself"
    UNION = "union"
    INCOMPLETE = "incomplete"
    PROVISIONAL = "provisional"
    UNSURE = "unsure"
    NO_WAVE_BEFORE = "no_wave_before"
    NO_WAVE_AFTER = "no_wave_after"


class WeighedBy(StrEnum):
    """What the committees of a union weigh in it."""

    HOUSEHOLDS = "households"
    POPULATION = "population"
    ANSWERS = "answers"
    EQUAL = "equal"


class Reason(StrEnum):
    """Why a row is not an answer, in the order in which the reasons are tried."""

    BLANK = "blank"
    HEADER_ROW = "header_row"
    FOOTER = "footer"
    MALFORMED = "malformed"
    PASTED_TWICE = "pasted_twice"
    DUPLICATE = "duplicate"
    OUTSIDE_PERIOD = "outside_period"
    UNREAD = "unread"
    SCREENED_OUT = "screened_out"
    NO_ANSWER = "no_answer"
    NO_GROUP = "no_group"
    NO_SUBJECT = "no_subject"
    UNMATCHED_SUBJECT = "unmatched_subject"
    NO_RATER = "no_rater"
    SELF_RATING = "self_rating"


class Flag(StrEnum):
    """Signs of how an answer sheet was filled in."""

    STRAIGHT_LINE = "straight_line"
    UNIFORM = "uniform"
    ODD = "odd"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    TOO_FAST = "too_fast"
    HURRIED = "hurried"
    BURST = "burst"
    SHARED_DEVICE = "shared_device"


class NoteCode(StrEnum):
    """Everything that stops nothing and must reach the reader, in the order of the flow."""

    FEW_DRAWS = "few_draws"
    # the folder
    FILE_NOT_USED = "file_not_used"
    SUPERSEDED_SENTENCES = "superseded_sentences"
    NUMBERS_NOT_DECIDED = "numbers_not_decided"
    MARGIN_AGAINST_ROSTER = "margin_against_roster"
    MARGINS_AGAINST_ROSTER = "margins_against_roster"
    TASKS_NOT_REPORTED = "tasks_not_reported"
    REPORTS_INCOMPLETE = "reports_incomplete"
    # files
    ENCODING_DOUBTFUL = "encoding_doubtful"
    ENCODING_NOT_USED = "encoding_not_used"
    ROWS_TOO_LONG = "rows_too_long"
    ROWS_TOO_SHORT = "rows_too_short"
    INTEGERS_DAMAGED = "integers_damaged"
    LEADING_ZEROS_FORMATTED = "leading_zeros_formatted"
    ERROR_CELLS = "error_cells"
    FORMULAS_UNCOMPUTED = "formulas_uncomputed"
    MERGED_CELLS = "merged_cells"
    PERCENT_FORMATTED = "percent_formatted"
    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_COLUMNS = "hidden_columns"
    HIDDEN_SHEET_READ = "hidden_sheet_read"
    OTHER_SHEETS = "other_sheets"
    # sheets of answers
    TITLE_ROWS = "title_rows"
    EMPTY_HEADERS = "empty_headers"
    REPEATED_HEADERS = "repeated_headers"
    DATE_SERIALS = "date_serials"
    PLATFORM_RECOGNISED = "platform_recognised"
    ROWS_OF_OTHER_PARTS = "rows_of_other_parts"
    NOT_HANDED_IN = "not_handed_in"
    CASCADE_LAST_LEVEL = "cascade_last_level"
    VALUES_LABELLED_ALIKE = "values_labelled_alike"
    VALUES_CUT = "values_cut"
    # the same answers exported twice, by text and by number
    VARIANT_CONTRADICTS_NAME = "variant_contradicts_name"
    ROWS_IN_ONE_FILE = "rows_in_one_file"
    METADATA_DIFFERS = "metadata_differs"
    QUESTION_IN_ONE_FILE = "question_in_one_file"
    COLUMNS_UNMATCHED = "columns_unmatched"
    LABEL_WITH_TWO_CODES = "label_with_two_codes"
    CODE_WITH_TWO_LABELS = "code_with_two_labels"
    LABEL_WITHOUT_CODE = "label_without_code"
    # a file beside the last wave's
    EXPORTED_OTHERWISE = "exported_otherwise"
    QUESTION_ADDED = "question_added"
    QUESTION_DROPPED = "question_dropped"
    QUESTION_MOVED = "question_moved"
    QUESTION_REWORDED = "question_reworded"
    OPTIONS_RECODED = "options_recoded"
    OPTIONS_REVERSED = "options_reversed"
    OPTIONS_MERGED = "options_merged"
    OPTIONS_SPLIT = "options_split"
    OPTIONS_CHANGED = "options_changed"
    # intake
    LOOK_ALIKES = "look_alikes"
    LOOK_ALIKES_ELSEWHERE = "look_alikes_elsewhere"
    NUMBERS_REPEATED = "numbers_repeated"
    TIMES_READ_AS = "times_read_as"
    TIMES_MAYBE_SWAPPED = "times_maybe_swapped"
    TIME_ZONES = "time_zones"
    TIMES_UNREAD = "times_unread"
    TIMES_MISSING = "times_missing"
    OUTSIDE_WAVE = "outside_wave"
    ASKED_IN_BRANCHES = "asked_in_branches"
    SCALE_LINKED = "scale_linked"
    INVALID_VALUES = "invalid_values"
    NOT_ASKED = "not_asked"
    SCORED_NOT_ASKED = "scored_not_asked"
    NOT_SCREENED = "not_screened"
    DOUBTFUL_COLUMNS = "doubtful_columns"
    OPTIONS_WITHOUT_COLUMN = "options_without_column"
    ONE_AND_TWO = "one_and_two"
    PERSONAL_COLUMN = "personal_column"
    CLUSTER_IN_SEVERAL_SUBJECTS = "cluster_in_several_subjects"
    # ledgers
    LEDGER_UNATTRIBUTED = "ledger_unattributed"
    LEDGER_DAYS_ONLY = "ledger_days_only"
    LEDGER_BULK_CLOSINGS = "ledger_bulk_closings"
    LEDGER_WENT_BACK = "ledger_went_back"
    LEDGER_STEP_LACKING = "ledger_step_lacking"
    LEDGER_ONE_RATING = "ledger_one_rating"
    LEDGER_LINK_UNCHECKED = "ledger_link_unchecked"
    LEDGER_BEYOND_CAPACITY = "ledger_beyond_capacity"
    LEDGER_STREET_MEAN = "ledger_street_mean"
    LEDGER_AT_CEILING = "ledger_at_ceiling"
    CLAIMS_CONTRADICTED = "claims_contradicted"
    # answers
    CLUSTER_PER_RESPONDENT = "cluster_per_respondent"
    ONE_CLUSTER = "one_cluster"
    CLUSTER_MISSING = "cluster_missing"
    PANEL_TWICE = "panel_twice"
    PANEL_MISSING = "panel_missing"
    RAKED = "raked"
    RAKED_WITHOUT_PROFILE = "raked_without_profile"
    NOT_ADJUSTED = "not_adjusted"
    FLAGGED_ANSWERS = "flagged_answers"
    UNKNOWN_DURATION = "unknown_duration"
    UNKNOWN_DEVICE = "unknown_device"
    LINES_OF_FEW_ITEMS = "lines_of_few_items"
    COPIES_BY_CHANCE = "copies_by_chance"
    TOO_FEW_VALUES = "too_few_values"
    DRIVER_NEVER_VARIES = "driver_never_varies"
    INDICATOR_NEVER_VARIES = "indicator_never_varies"
    DRIVERS_BY_DIMENSION = "drivers_by_dimension"
    NO_DRIVERS = "no_drivers"
    NO_AGREEMENT = "no_agreement"
    SCALE_CHANGED = "scale_changed"
    SCALE_NOT_COMPARED = "scale_not_compared"
    NO_THEMES = "no_themes"
    NO_SATISFACTION = "no_satisfaction"
    # findings
    NO_ANSWER_IN_CELL = "no_answer_in_cell"
    ONE_ANSWER_IN_CELL = "one_answer_in_cell"
    IDENTICAL_ANSWERS = "identical_answers"
    GROUP_NEVER_VARIES = "group_never_varies"
    INCOMPLETE = "incomplete"
    PROVISIONAL = "provisional"
    ROLLUP_WITHOUT_COUNTS = "rollup_without_counts"
    NOT_RANKED = "not_ranked"
    LOW_RELIABILITY = "low_reliability"
    UNDECIDED_RELIABILITY = "undecided_reliability"
    MONTE_CARLO = "monte_carlo"
    MEASURED_DIFFERENTLY = "measured_differently"
    COMPARED_BY_LINK = "compared_by_link"
    NOT_COMPARED = "not_compared"
    HOUSEHOLDS_DISAGREE = "households_disagree"
    NOT_IN_TREND = "not_in_trend"
    RATERS_MATCHED = "raters_matched"
    RATERS_RENAMED = "raters_renamed"
    RATERS_NOT_KNOWN_AGAIN = "raters_not_known_again"
    MODES_SHIFTED = "modes_shifted"
    RESIDENTS_MATCHED = "residents_matched"
    RESIDENTS_NOT_KNOWN_AGAIN = "residents_not_known_again"
    COLLEAGUES_NOT_KNOWN = "colleagues_not_known"
    COLLEAGUES_ALL_ALIKE = "colleagues_all_alike"
    QUOTA_WITHOUT_PLACE = "quota_without_place"
    QUOTA_UNDECIDED = "quota_undecided"
    NO_BANDS = "no_bands"
    GAP_OUTLIER = "gap_outlier"
    NO_WEIGHT_MATTERS = "no_weight_matters"
    NO_PLAN = "no_plan"
    UNREACHABLE_TARGET = "unreachable_target"
    GIVEN_AWAY_BY_SCORES = "given_away_by_scores"
    REPUBLISHED_FOR_FEW = "republished_for_few"
    # the whole
    NO_ROWS = "no_rows"
    ROWS_HANDED_ON = "rows_handed_on"
    ALTERNATIVE_NEEDS_ROWS = "alternative_needs_rows"
    WHAT_IF = "what_if"
    # the folder
    TAKEN_OVER = "taken_over"


COMPOSITE_NAME = "总分"
"""What frames call the composite beside the names that the scheme gives."""

WROTE_NAME = "写了内容的居民"
"""What the frame ``themes`` calls all residents who wrote anything."""

JOINED = "、"
"""What stands between the names of grades that frame ``track_grades`` counts together."""

RANDOM_NAME = "各项权重随机改动 {:,} 次"
"""What the frame ``sensitivity`` calls its random weightings."""
