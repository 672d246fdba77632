"""What each invented student wrote, and what happened to their sheets before and in the scanner."""

from dataclasses import dataclass

TITLE = "Midterm examination"
SUBJECT = "STAT101"
QUESTIONS = "1 Mean and median: 40\n2 Spread: 40\n3 A graph that misleads: 20"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One student's booklet: the answers on the cover and on its second page."""

    first: str
    second: str
    is_upside_down: bool = False
    lost_page: bool = False
    bubbled_as: str = ""
    blank_behind: bool = False


SHEETS = {
    "amira": Sheet(
        first="1) Mean 61 000, median 38 000. One very rich family pulls the mean up, the median does not mind it.",
        second="2) Variance = sum (x - m)^2 / (n - 1) = 14,\nso s = 3.74 minutes.\n\n"
        "3) The axis begins at 95 and not at 0, so a growth of 2 % looks like twice as much.",
    ),
    "bruno": Sheet(
        first="1) The mean is the sum by n. It is higher because of outliers.",
        second="2) s = 3.7\n\n3) The bars are too wide?",
        bubbled_as="felix",
    ),
    "chiara": Sheet(
        first="1) Half of the families have less than 38 000: that is the median. "
        "The mean also counts how rich the rich are.",
        second="2) Deviations: -4, -2, 0, 2, 4. Squares: 16, 4, 0, 4, 16 = 40.\n40 / 4 = 10, s = 3.16\n\n"
        "3) No zero on the y axis. And no source is given.",
        is_upside_down=True,
    ),
    "dmitri": Sheet(
        first="1) Both are averages, so both should be the same. One of them is wrong.",
        second="2) range = 12 minutes\n\n3) I do not see what is wrong with it.",
        blank_behind=True,
    ),
    "esther": Sheet(
        first="1) Skewed to the right: mean > median. For the council I would report the median.",
        second="2) s = sqrt(14) = 3.74. About two thirds of the bus rides lie within 3.74 minutes of the mean.\n\n"
        "3) The axis is cut: it shows 95 to 105.",
    ),
    "felix": Sheet(
        first="1) median = the middle one of the ordered values, mean = sum / n. Rich families change only the mean.",
        second="2) Sum of squares 70, n - 1 = 5, 70 / 5 = 14.\n\n3) Scale does not start at zero.",
    ),
    "gita": Sheet(
        first="1) The journalist uses the median and the council the mean. Both can be right at once.",
        second="2) I divided by n: 70 / 6 = 11.7, s = 3.4\n\n3) A truncated axis exaggerates the difference.",
    ),
    "hugo": Sheet(first="1) The mean is better because it uses all of the data.", second="", lost_page=True),
}
