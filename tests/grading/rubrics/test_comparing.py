"""What one version changed in the one before."""

from lti_tool.grading.rubrics.comparing import Aspect, Difference, differences
from lti_tool.grading.rubrics.plain_text import read_lines

OLD = "Clarity: no 0 | yes 4\nReasons: none 0 | all 6"


def changed(new: str) -> list[Difference]:
    return differences(read_lines(OLD), read_lines(new))


def test_the_same_has_no_differences() -> None:
    assert changed(OLD) == []


def test_another_order_is_no_difference() -> None:
    assert changed("\n".join(reversed(OLD.splitlines()))) == []


def test_changed_levels_are_shown_before_and_after() -> None:
    (one,) = changed("Clarity: no 0 | yes 3\nReasons: none 0 | all 6")
    assert [(change.aspect, change.before, change.after) for change in one.changes] == [
        (Aspect.POINTS, "4", "3"),
        (Aspect.LEVELS, "no 0 | yes 4", "no 0 | yes 3"),
    ]


def test_another_title_with_the_same_levels_is_the_same_criterion() -> None:
    (one,) = changed("Clear writing: no 0 | yes 4\nReasons: none 0 | all 6")
    assert [change.aspect for change in one.changes] == [Aspect.TITLE]


def test_what_is_new_and_what_is_gone_is_said() -> None:
    new, gone = changed("Clarity: no 0 | yes 4\nStyle: 3")
    assert (new.title, new.older, gone.title, gone.newer) == ("Style", None, "Reasons", None)
