"""One door to Moodle: what goes over the wire, where it may go, and what every refusal is turned into."""

import io
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput, NotAllowed, PlatformFailed
from lti_tool.moodle.client import MoodleAccess, MoodleClient, guarded
from lti_tool.moodle.form import form_of
from lti_tool.moodle.functions import EVERY_FUNCTION, FEEDBACK_FILES, HANDING_IN, MARKING, READING_BACK, SITE
from lti_tool.moodle.refusals import MoodleRefused
from lti_tool.moodle.site import ask_site
from lti_tool.outbound import AddressRule, GuardedSession
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.moodle import TOKEN, FakeMoodle

GUIDE = Path(__file__).parents[2] / "docs" / "operators" / "moodle-web-services.md"


@pytest.fixture
def client(session: Session, runtime: Runtime, services: FakeMoodle) -> MoodleClient:
    write(session, ENABLED, True)
    return MoodleClient(runtime.engine, access(services.url))


def access(url: str, *, is_private: bool = True) -> MoodleAccess:
    return MoodleAccess(base_url=url, token=TOKEN, allows_private_addresses=is_private)


def test_arguments_are_written_as_php_reads_them() -> None:
    arguments = {
        "courseids": [2, 3],
        "options": [{"name": "cmid", "value": 4}],
        "is": True,
        "limit": 0,
        "letter": "ALL",
    }
    assert form_of(arguments) == [
        ("courseids[0]", "2"),
        ("courseids[1]", "3"),
        ("options[0][name]", "cmid"),
        ("options[0][value]", "4"),
        ("is", "1"),
        ("limit", "0"),
        ("letter", "ALL"),
    ]


def test_a_site_is_known_without_the_users_private_key(client: MoodleClient) -> None:
    site = ask_site(client)
    assert (site.name, site.user, site.may_download) == ("Campus", "teach1", True)
    assert all(unlocked.works for unlocked in site.unlocked)
    assert "private-key-canary" not in repr(site)


def test_a_token_shows_itself_nowhere() -> None:
    assert TOKEN not in repr(access("https://moodle.example"))


def test_a_refusal_has_our_words_and_not_moodles(client: MoodleClient, services: FakeMoodle) -> None:
    services.refusals[SITE] = "nopermissions"
    with pytest.raises(MoodleRefused, match="lacks a permission") as refused:
        client.call(SITE)
    assert "SELECT" not in f"{refused.value} {refused.value.details}"


@pytest.mark.parametrize("errorcode", ["<b>x</b>", "a" * 90, "secret words of a person"])
def test_a_code_that_is_no_word_is_not_repeated(client: MoodleClient, services: FakeMoodle, errorcode: str) -> None:
    services.refusals[SITE] = errorcode
    with pytest.raises(MoodleRefused) as refused:
        client.call(SITE)
    assert errorcode not in f"{refused.value} {refused.value.details}"


def test_the_switch_is_read_for_each_call(client: MoodleClient, session: Session, services: FakeMoodle) -> None:
    client.call(SITE)
    write(session, ENABLED, False)
    with pytest.raises(NotAllowed, match="feature_off"):
        client.call(SITE)
    assert services.counted[SITE] == 1


def test_a_moodle_that_does_not_answer_in_time_is_said(
    session: Session, runtime: Runtime, services: FakeMoodle
) -> None:
    write(session, ENABLED, True)
    services.silence.add(SITE)

    def impatient(rule: AddressRule, most_bytes: int) -> GuardedSession:
        return GuardedSession(rule=rule, max_bytes=most_bytes, timeout=0.05)

    with pytest.raises(PlatformFailed, match="platform_timeout"):
        MoodleClient(runtime.engine, access(services.url), connect=impatient).call(SITE)


def test_an_answer_beyond_the_cap_is_not_read(session: Session, runtime: Runtime, services: FakeMoodle) -> None:
    write(session, ENABLED, True)
    client = MoodleClient(runtime.engine, access(services.url), connect=lambda rule, _: guarded(rule, 100))
    with pytest.raises(PlatformFailed, match="answer_too_large"):
        client.call(SITE)


def test_a_private_address_is_refused_unless_its_registration_allows_it(
    session: Session, runtime: Runtime, services: FakeMoodle
) -> None:
    write(session, ENABLED, True)
    with pytest.raises(InvalidInput, match="address_refused"):
        MoodleClient(runtime.engine, access(services.url, is_private=False)).call(SITE)
    assert services.calls == []


def test_a_redirect_is_not_followed(client: MoodleClient, services: FakeMoodle) -> None:
    services.raw[SITE] = (307, b"{}")
    with pytest.raises(PlatformFailed, match="moodle_unreadable"):
        client.call(SITE)
    assert len(services.paths) == 1


ELSEWHERE = ["{url}/pluginfile.php/1", "http://127.0.0.1:9/webservice/pluginfile.php/1", "{url}.example/webservice/x"]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_file_is_fetched_from_its_own_place_alone(
    client: MoodleClient, services: FakeMoodle, tmp_path: Path, address: str
) -> None:
    with pytest.raises(PlatformFailed, match="file_elsewhere"):
        client.download(address.format(url=services.url), tmp_path / "a", most_bytes=100)
    assert services.paths == []


def test_a_refused_file_is_a_refusal_and_no_file(client: MoodleClient, services: FakeMoodle, tmp_path: Path) -> None:
    listed = services.file("1/a.txt", b"x")
    services.may_download = False
    with pytest.raises(MoodleRefused):
        client.download(listed["fileurl"], tmp_path / "a", most_bytes=100)


def test_the_operators_guide_lists_the_functions_that_are_called() -> None:
    _, read, _, marking, _, more, _, papers, _, own, _ = GUIDE.read_text(encoding="utf-8").split("```")
    assert tuple(read.split()) == EVERY_FUNCTION
    assert set(marking.split()) == {SITE, *MARKING.functions}
    assert tuple(more.split()) == READING_BACK.functions
    assert tuple(papers.split()) == (SITE, *FEEDBACK_FILES.functions)
    assert tuple(own.split()) == (SITE, *HANDING_IN.functions)


def test_a_file_goes_to_a_draft_area_and_a_second_one_beside_it(client: MoodleClient, services: FakeMoodle) -> None:
    draft = client.upload(io.BytesIO(b"%PDF-one"), "one.pdf")
    assert client.upload(io.BytesIO(b"%PDF-two"), "two.pdf", draft=draft) == draft
    assert services.drafts[draft] == {"one.pdf": b"%PDF-one", "two.pdf": b"%PDF-two"}
    assert not any(TOKEN in path for path in services.paths)


def test_a_file_that_moodle_does_not_take_is_a_refusal_although_it_answers_200(
    client: MoodleClient, services: FakeMoodle
) -> None:
    services.most_bytes = 3
    with pytest.raises(MoodleRefused) as refusal:
        client.upload(io.BytesIO(b"%PDF-large"), "large.pdf")
    assert refusal.value.errorcode == "fileoversized"
    services.tokens.clear()
    with pytest.raises(MoodleRefused) as refusal:
        client.upload(io.BytesIO(b"%PDF"), "a.pdf")
    assert refusal.value.errorcode == "invalidtoken"
