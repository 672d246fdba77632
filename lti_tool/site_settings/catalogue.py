"""Every setting with its documented key and default (R136-R163), in the order of the settings page.

A setting that no code reads must not stand here: tests/site_settings/test_catalogue.py looks for the reader of each.
"""

from decimal import Decimal
from typing import TypeVar

from lti_tool.site_settings import texts
from lti_tool.site_settings.kinds import Fraction, Hosts, Kind, OneOf, Pattern, Switch, Text, Whole
from lti_tool.site_settings.patterns import N_, NAME, NAME_RULE, ProviderKind
from lti_tool.site_settings.setting import Group, Registry, SecretSetting, Setting

T = TypeVar("T")

CATALOGUE = Registry()


def _setting(
    key: str, default: T, kind: Kind[T], group: Group, label: str, help: str, *, in_courses: bool = False
) -> Setting[T]:
    return CATALOGUE.add(
        Setting(key=key, default=default, kind=kind, group=group, label=label, help=help, in_courses=in_courses)
    )


ENABLED = _setting(
    "enabled",
    False,
    Switch(),
    Group.SWITCHES,
    N_("Outgoing calls"),
    N_("The kill switch. While it is off, nothing is sent to a language model or to the platform from any course."),
)

PROVIDER_KIND = _setting(
    "provider",
    ProviderKind.COMPATIBLE,
    OneOf(choices=ProviderKind),
    Group.MODEL,
    N_("Kind of model server"),
    N_("OpenAI, Azure OpenAI, or any server that speaks the same protocol (Ollama, vLLM and others)."),
)
ENDPOINT = _setting(
    "endpoint",
    "",
    Text(most=500, pattern=r"https?://[^\s@?#]+", rule=N_("Write an address that starts with https://.")),
    Group.MODEL,
    N_("Address of the model server"),
    N_("For example http://localhost:11434/v1. Empty stands for api.openai.com with OpenAI, else for no model."),
)
ALLOWED_HOSTS = _setting(
    "allowedhosts",
    frozenset[str](),
    Hosts(),
    Group.MODEL,
    N_("Allowed hosts"),
    N_(
        "The only hosts a model call may go to, one a line; *.openai.azure.com stands for every host below it. A host "
        "in a private network, and plain http, are used only if the host itself stands here. While the list is empty, "
        "any public https address may be used."
    ),
)
API_KEY = CATALOGUE.add_secret(
    SecretSetting(
        key="apikey",
        group=Group.MODEL,
        label=N_("Key for the model server"),
        help=N_("Stored encrypted and never shown again. Servers without keys need none."),
    )
)
CHAT_DEPLOYMENT = _setting(
    "chatdeployment",
    "",
    Text(most=200, pattern=NAME, rule=NAME_RULE),
    Group.MODEL,
    N_("Chat model"),
    N_("The name of the model, or of the deployment at Azure. While it is empty, no model answers."),
)
EMBEDDING_DEPLOYMENT = _setting(
    "embeddingdeployment",
    "",
    Text(most=200, pattern=NAME, rule=NAME_RULE),
    Group.MODEL,
    N_("Embedding model"),
    N_("The name of the model that turns passages into vectors. While it is empty, passages are found by words alone."),
)
API_VERSION = _setting(
    "apiversion",
    "2024-08-01-preview",
    Text(most=40, pattern=r"[A-Za-z0-9.-]*", rule=NAME_RULE),
    Group.MODEL,
    N_("API version"),
    N_("Used at Azure only."),
)
MAX_TOKENS = _setting(
    "maxtokens",
    1024,
    Whole(least=16, most=32768),
    Group.MODEL,
    N_("Longest answer, in tokens"),
    N_("The model stops there."),
)
TEMPERATURE = _setting(
    "temperature",
    Decimal("0.3"),
    Fraction(least=Decimal(0), most=Decimal(1)),
    Group.MODEL,
    N_("Temperature"),
    N_("0 gives the steadiest wording, 1 the most varied."),
)
PROMPT_PRICE = _setting(
    "promptprice",
    Decimal(0),
    Fraction(least=Decimal(0), most=Decimal(10000)),
    Group.MODEL,
    N_("Price of a million prompt tokens"),
    N_("In your currency; used for the cost column of the usage page."),
)
COMPLETION_PRICE = _setting(
    "completionprice",
    Decimal(0),
    Fraction(least=Decimal(0), most=Decimal(10000)),
    Group.MODEL,
    N_("Price of a million answer tokens"),
    N_("In your currency; used for the cost column of the usage page."),
)

SYSTEM_PROMPT = _setting(
    "systemprompt",
    texts.SYSTEM_PROMPT,
    Text(most=8000, may_be_empty=False, widget="prose"),
    Group.TUTOR,
    N_("Instructions for the tutor"),
    N_("What the model is told before every question. {coursename} and {lang} are filled in."),
)
HISTORY_WINDOW = _setting(
    "historywindow",
    5,
    Whole(least=0, most=50),
    Group.TUTOR,
    N_("Turns remembered"),
    N_("How many earlier questions and answers of the conversation the model sees word for word."),
)

RAG_TOP_K = _setting(
    "ragtopk",
    5,
    Whole(least=1, most=20),
    Group.RETRIEVAL,
    N_("Passages for an answer"),
    N_("How many passages of the course material an answer may rest on at most."),
    in_courses=True,
)
RAG_THRESHOLD = _setting(
    "ragthreshold",
    Decimal("0.7"),
    Fraction(least=Decimal(0), most=Decimal(1)),
    Group.RETRIEVAL,
    N_("Least similarity"),
    N_(
        "Passages that share no word with the question and are less alike than this (cosine) are not used. While it "
        "is not set, the figure that was measured for the embedding model counts: the material page shows it."
    ),
    in_courses=True,
)
RAG_TOKEN_BUDGET = _setting(
    "ragtokenbudget",
    3000,
    Whole(least=200, most=100_000),
    Group.RETRIEVAL,
    N_("Tokens for passages"),
    N_("How many tokens of course material go with a question at most."),
)

DAILY_LIMIT = _setting(
    "dailylimit",
    50,
    Whole(least=0, most=100_000),
    Group.LIMITS,
    N_("Questions a day"),
    N_("For each person, in all courses together; 0 means without limit. It starts again at midnight of the server."),
)
BURST_LIMIT = _setting(
    "burstlimit",
    5,
    Whole(least=1, most=1000),
    Group.LIMITS,
    N_("Questions a minute"),
    N_("For each person, within any 60 seconds."),
)
MAX_MESSAGE_LENGTH = _setting(
    "maxmsglength",
    2000,
    Whole(least=100, most=20_000),
    Group.LIMITS,
    N_("Longest question, in characters"),
    N_("A longer one is refused before any call to a model."),
)

BREAKER_ENABLED = _setting(
    "cbenabled",
    True,
    Switch(),
    Group.BREAKER,
    N_("Circuit breaker"),
    N_("Pause all calls to a model server that keeps failing, instead of letting everybody wait for it."),
)
BREAKER_THRESHOLD = _setting(
    "cbfailurethreshold",
    3,
    Whole(least=1, most=100),
    Group.BREAKER,
    N_("Failures in a row before the pause"),
    N_("Counted over all courses and servers of this installation."),
)
BREAKER_COOLDOWN = _setting(
    "cbcooldownminutes",
    5,
    Whole(least=1, most=1440),
    Group.BREAKER,
    N_("Length of the pause, in minutes"),
    N_("Afterwards one call is let through; if it succeeds, the pause is over."),
)

SHOW_PRIVACY_NOTICE = _setting(
    "showprivacynotice",
    True,
    Switch(),
    Group.PRIVACY,
    N_("Show the privacy notice"),
    N_("Everybody accepts it once before the first question, and again when its text changes."),
)
PRIVACY_NOTICE = _setting(
    "privacynotice",
    texts.PRIVACY_NOTICE,
    Text(most=20_000, widget="prose"),
    Group.PRIVACY,
    N_("Privacy notice"),
    N_("Markdown. An empty text shows none."),
)

MAX_FILE_SIZE_MB = _setting(
    "maxfilesizemb",
    50,
    Whole(least=1, most=60),
    Group.SCANS,
    N_("Largest file, in megabytes"),
    N_("For scanned papers, course material and students' work. One request carries 60 megabytes at most."),
)
REGISTER_PATTERN = _setting(
    "registerpattern",
    "[0-9]{12}",
    Pattern(),
    Group.SCANS,
    N_("What a register number looks like"),
    N_("Sets and counts, such as [0-9]{12}. A scanned paper is named by register number, underscore and subject code."),
    in_courses=True,
)
SUBJECT_PATTERN = _setting(
    "subjectpattern",
    "[A-Za-z0-9]{2,10}",
    Pattern(),
    Group.SCANS,
    N_("What a subject code looks like"),
    N_("Sets and counts, such as [A-Za-z0-9]{2,10}."),
    in_courses=True,
)
