"""The job that learns, and the clock that asks for it."""

from sqlalchemy import text

from lti_tool.accounts.models import Placement
from lti_tool.grading.second_opinion import tasks
from lti_tool.grading.second_opinion.opinions import find_training, opinions
from lti_tool.runtime import Runtime
from tests.fixtures.people import House
from tests.grading.conftest import Classroom, Mark


def waiting(house: House) -> list[str]:
    found = house.session.scalars(text("SELECT args ->> 'placement_id' FROM procrastinate_jobs"))
    return [str(name) for name in found]


def test_an_approval_is_learnt_from_once(
    runtime: Runtime, house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    works = classroom(*(f"answer {number} light" for number in range(11)))
    for number, work in enumerate(works[:10]):
        marked(work, clarity=str(number % 3), approved=True)
    tasks.sweep(runtime)
    tasks.sweep(runtime)
    assert waiting(house).count(str(activity.id)) == 1
    tasks.learn(runtime, placement_id=str(activity.id))
    assert len(opinions(house.session, activity)) == 11


def test_without_news_nothing_is_asked_for(
    runtime: Runtime, house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    (work,) = classroom("one")
    marked(work)
    tasks.sweep(runtime)
    assert str(activity.id) not in waiting(house)


def test_too_few_grades_leave_no_opinion_and_are_not_looked_at_again(
    runtime: Runtime, house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    (work,) = classroom("one")
    marked(work, approved=True)
    tasks.learn(runtime, placement_id=str(activity.id))
    training = find_training(house.session, activity)
    assert training is not None and training.papers == 1
    assert opinions(house.session, activity) == {}
    tasks.sweep(runtime)
    assert str(activity.id) not in waiting(house)


def test_a_few_grades_here_and_many_in_another_activity_give_a_first_opinion(
    runtime: Runtime, house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    works = classroom(*(f"answer {number} " + "light " * (number % 4) for number in range(30)))
    for number, work in enumerate(works):
        marked(work, clarity=str(number % 4), approved=True)
    other = Placement(course_id=house.course.id, kind="activity", title="Second", points=20)
    house.session.add(other)
    house.session.flush()
    tasks.learn(runtime, placement_id=str(other.id))
    training = find_training(house.session, other)
    assert training is not None and (training.papers, training.others) == (0, 30)
