"""The settings of the mail server; they stand in the catalogue like every other."""

from enum import StrEnum

from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import OneOf, Text, Whole
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.setting import Group, SecretSetting, Setting


class MailSecurity(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


MAIL_HOST = CATALOGUE.add(
    Setting(
        key="mailhost",
        default="",
        kind=Text(most=253, pattern=r"[A-Za-z0-9.-]+", rule=N_("This must be the name of a host.")),
        group=Group.MAIL,
        label=N_("Mail server"),
        help=N_("For example smtp.example.org. While it is empty, no e-mail is written."),
    )
)
MAIL_PORT = CATALOGUE.add(
    Setting(
        key="mailport",
        default=587,
        kind=Whole(least=1, most=65_535),
        group=Group.MAIL,
        label=N_("Port"),
        help=N_("587 with STARTTLS, 465 with TLS."),
    )
)
MAIL_SECURITY = CATALOGUE.add(
    Setting(
        key="mailsecurity",
        default=MailSecurity.STARTTLS,
        kind=OneOf(choices=MailSecurity),
        group=Group.MAIL,
        label=N_("Protection"),
        help=N_("“none” is for a server on the same machine: name and password are then not sent."),
    )
)
MAIL_USER = CATALOGUE.add(
    Setting(
        key="mailuser",
        default="",
        kind=Text(most=200),
        group=Group.MAIL,
        label=N_("User name at the mail server"),
        help=N_("Empty where the server asks for none."),
    )
)
MAIL_PASSWORD = CATALOGUE.add_secret(
    SecretSetting(
        key="mailpassword",
        group=Group.MAIL,
        label=N_("Password at the mail server"),
        help=N_("Kept encrypted and never shown again."),
    )
)
MAIL_FROM = CATALOGUE.add(
    Setting(
        key="mailfrom",
        default="",
        kind=Text(most=254, pattern=r"[^\s@<>]+@[^\s@<>]+", rule=N_("This must be an e-mail address.")),
        group=Group.MAIL,
        label=N_("Sender"),
        help=N_("The address that e-mails come from. While it is empty, no e-mail is written."),
    )
)
