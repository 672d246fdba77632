"""The settings of drafts of marks; they stand in the catalogue like every other."""

from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Switch, Whole
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.setting import Group, Setting

DRAFT_HOUR = CATALOGUE.add(
    Setting(
        key="drafthour",
        default=1,
        kind=Whole(least=0, most=23),
        group=Group.MODEL,
        label=N_("Hour at which overnight drafts begin"),
        help=N_("By the server's clock, 0 to 23. Drafts of marks that are asked for overnight wait until then."),
    )
)
PROVIDER_BATCHES = CATALOGUE.add(
    Setting(
        key="providerbatches",
        default=False,
        kind=Switch(),
        group=Group.MODEL,
        label=N_("The model server takes batches"),
        help=N_("It knows /files and /batches as OpenAI does. Drafts can then be asked for at its lower price."),
    )
)
WORK_PICTURES = CATALOGUE.add(
    Setting(
        key="workpictures",
        default=False,
        kind=Switch(),
        group=Group.PRIVACY,
        label=N_("Pictures of work for drafts of marks"),
        help=N_("Photos and scanned pages go to the model, if it sees pictures; names on them cannot be hidden."),
        in_courses=True,
    )
)
MOST_WORK_PICTURES = CATALOGUE.add(
    Setting(
        key="maxworkpictures",
        default=10,
        kind=Whole(least=1, most=50),
        group=Group.LIMITS,
        label=N_("Pictures of one work for a draft of marks"),
        help=N_("At most so many pages of one work go out; people read the others."),
    )
)
BATCH_PRICE = CATALOGUE.add(
    Setting(
        key="batchprice",
        default=50,
        kind=Whole(least=0, most=100),
        group=Group.MODEL,
        label=N_("Price of a batch, in per cent"),
        help=N_("Of the prices above; used for the cost of what is asked in batches."),
    )
)
