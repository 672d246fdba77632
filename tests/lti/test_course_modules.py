"""The number of an activity in Moodle's hint: whatever else stands there is not a number of one."""

import pytest

from lti_tool.lti.course_modules import LARGEST, course_module_of


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
