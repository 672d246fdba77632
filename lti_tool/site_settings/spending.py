"""What calls to models may cost; the prices stand in the catalogue with the model's other settings."""

from decimal import Decimal

from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Fraction
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.setting import Group, Setting

MONTHLY_CAP = CATALOGUE.add(
    Setting(
        key="monthlycap",
        default=Decimal(0),
        kind=Fraction(least=Decimal(0), most=Decimal(1_000_000)),
        group=Group.LIMITS,
        label=N_("Most that a course may cost a month"),
        help=N_(
            "In your currency, by the prices above, for each course and calendar month; 0 means without limit. A "
            "course that has used it up makes no more calls until the month ends; calls under way are finished."
        ),
    )
)
