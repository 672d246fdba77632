"""The number of an activity in Moodle's hint: whatever else stands there is not a number of one."""

import pytest

from lti_tool.lti.course_modules import LARGEST, address_of, course_module_of

ACTIVITY = "https://moodle.example/mod/lti/view.php?id=7"


@pytest.mark.parametrize("hint", ['{"cmid":4,"launchid":"a"}', '{"cmid":"4"}'])
def test_moodle_names_the_activity_in_the_hint(hint: str) -> None:
    assert course_module_of("moodle", hint) == 4


@pytest.mark.parametrize(
    "hint",
    [
        *(None, "", "4", "[4]", "{", '{"launchid":"a"}', '{"cmid":-4}', '{"cmid":"٤"}', '{"cmid":0}', '{"cmid":4.5}'),
        *(f'{{"cmid":{LARGEST + 1}}}', '{"cmid":"' + "9" * 5000 + '"}', "[" * 5000),
    ],
)
def test_anything_else_is_no_number(hint: str | None) -> None:
    assert course_module_of("moodle", hint) is None


def test_hints_of_other_platforms_mean_something_else() -> None:
    assert course_module_of("canvas", '{"cmid":4}') is None


@pytest.mark.parametrize(
    ("family", "module", "address"), [("moodle", 7, ACTIVITY), ("moodle", None, None), ("canvas", 7, None)]
)
def test_the_address_is_known_for_moodle(family: str, module: int | None, address: str | None) -> None:
    assert address_of("https://moodle.example/", family, module) == address
