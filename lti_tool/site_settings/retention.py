"""How long the site keeps papers and what marking leaves behind; they stand in the catalogue like every other."""

from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Whole
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.setting import Group, Setting

PAPER_DAYS = CATALOGUE.add(
    Setting(
        key="paperretentiondays",
        default=0,
        kind=Whole(least=0, most=3650),
        group=Group.PRIVACY,
        label=N_("Days that scans of paper exams are kept"),
        help=N_(
            "After the last change of any paper of the exam. Pictures and files go, hashes, records and grades stay. "
            "0 keeps them until somebody deletes them."
        ),
    )
)
MARKING_DAYS = CATALOGUE.add(
    Setting(
        key="markingretentiondays",
        default=365,
        kind=Whole(least=0, most=3650),
        group=Group.PRIVACY,
        label=N_("Days that what marking leaves behind is kept"),
        help=N_(
            "Uploaded piles of work, unfinished drafts, what was sent to the language model about a work, private "
            "notes and e-mails. Work that was handed in, its marks and grades are not touched. 0 keeps them."
        ),
    )
)
