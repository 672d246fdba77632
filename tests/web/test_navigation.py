"""The tabs show what this viewer may open from here, and nothing that would leave a dialogue."""

from flask import Flask

from lti_tool.web.navigation import tabs_for
from tests.fixtures.people import Enter


def test_a_teacher_has_tabs_that_a_student_has_not(app: Flask, enter: Enter) -> None:
    with app.app_context():
        teacher = {tab.endpoint for tab in tabs_for(enter("teacher").viewer)}
        student = {tab.endpoint for tab in tabs_for(enter("student").viewer)}
    assert "material.table" in teacher - student


def test_the_dialogue_that_chooses_activities_has_no_way_out_of_it(app: Flask, enter: Enter) -> None:
    with app.app_context():
        assert tabs_for(enter("teacher", None, message="deep_linking").viewer) == []
