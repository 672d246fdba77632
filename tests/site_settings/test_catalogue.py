"""No control lies: every setting and every switch has code that reads it."""

import ast
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

import lti_tool
from lti_tool.site_settings import catalogue, chat, look, spending
from lti_tool.site_settings.setting import SecretSetting, Setting
from lti_tool.site_settings.switches import Feature

PACKAGE = Path(lti_tool.__file__).parent
DECLARED = vars(catalogue) | vars(chat) | vars(look) | vars(spending)
NAMES = {name: value for name, value in DECLARED.items() if isinstance(value, Setting | SecretSetting)}
DECLARED_IN = tuple(PACKAGE / "site_settings" / name for name in ("catalogue.py", "chat.py", "look.py", "spending.py"))
PAGES = PACKAGE / "administration"


@cache
def _sources() -> dict[str, str]:
    """The code outside of the catalogue and of the pages that merely list and prove settings."""
    paths = [path for path in PACKAGE.rglob("*.py") if path not in DECLARED_IN and not path.is_relative_to(PAGES)]
    return {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in paths}


@cache
def _names_read() -> set[str]:
    """What that code mentions."""
    found: set[str] = set()
    for node in chain.from_iterable(ast.walk(ast.parse(source)) for source in _sources().values()):
        match node:
            case ast.Name(ctx=ast.Load()):
                found.add(node.id)
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner)):
                found.add(f"{owner}.{node.attr}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_read_by_code(name: str) -> None:
    assert {name, f"catalogue.{name}"} & _names_read(), f"{name} is on the settings page, but nothing reads it"


@pytest.mark.parametrize("feature", Feature)
def test_every_switch_is_asked_where_the_call_goes_out(feature: Feature) -> None:
    callers = [source for path, source in _sources().items() if path != "site_settings/switches.py"]
    asked = any(f"Feature.{feature.name}" in source for source in callers)
    assert asked, f"{feature} is on the switches page, but no call asks it"


def test_documented_keys_and_defaults_are_kept() -> None:
    """R139-R163, as administrators know them."""
    documented = {
        "enabled": False,
        "apiversion": "2024-08-01-preview",
        "maxtokens": 1024,
        "historywindow": 5,
        "ragtokenbudget": 3000,
        "ragtopk": 5,
        "dailylimit": 50,
        "burstlimit": 5,
        "maxmsglength": 2000,
        "showprivacynotice": True,
        "cbenabled": True,
        "cbfailurethreshold": 3,
        "cbcooldownminutes": 5,
        "primarycolor": "#4f46e5",
        "secondarycolor": "#3730a3",
        "headertitle": "",
        "maxfilesizemb": 50,
        "registerpattern": "[0-9]{12}",
        "subjectpattern": "[A-Za-z0-9]{2,10}",
    }
    actual = {each.key: each.default for each in NAMES.values() if isinstance(each, Setting)}
    assert {key: actual.get(key) for key in documented} == documented
