"""A file name is read by the patterns of the course, or refused with what is expected."""

import pytest
from sqlalchemy.orm import Session

from lti_tool.scans.file_names import NamePatterns
from lti_tool.site_settings.catalogue import REGISTER_PATTERN
from lti_tool.site_settings.store import write
from tests.fixtures.people import House

DEFAULT = NamePatterns(register_number="[0-9]{12}", subject_code="[A-Za-z0-9]{2,10}")


@pytest.mark.parametrize("name", ["230521100101_BIO210.pdf", "230521100101_bio210.PDF", "230521100101_BIO210.jpeg"])
def test_a_name_claims_a_number_and_a_subject(name: str) -> None:
    reading = DEFAULT.find(name)
    assert reading is not None and (reading.register_number, reading.subject_code) == ("230521100101", "BIO210")


BAD = [
    "23052110010_BIO210.pdf",
    "2305211001011_BIO210.pdf",
    "230521100101_B.pdf",
    "230521100101_BIO21000000.pdf",
    "230521100101-BIO210.pdf",
    "230521100101_BIO210_2.pdf",
    "230521100101_BIO210",
    "230521100101_BIO210.docx",
    "٢٣٠٥٢١١٠٠١٠١_BIO210.pdf",
    "scan0001.pdf",
    ".pdf",
]


@pytest.mark.parametrize("name", BAD)
def test_another_name_claims_nothing(name: str) -> None:
    assert DEFAULT.find(name) is None


def test_a_course_may_have_numbers_of_its_own(session: Session, house: House) -> None:
    write(session, REGISTER_PATTERN, "[A-Z]{2}[0-9]{3,5}", course_id=house.course.id)
    patterns = NamePatterns.of_course(session, house.course.id)
    reading = patterns.find("AB1234_BIO210.pdf")
    assert reading is not None and reading.register_number == "AB1234"
    assert NamePatterns.of_course(session, house.other_course.id) == DEFAULT
