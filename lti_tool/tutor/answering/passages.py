"""The material that a question is answered from: found, good enough, numbered, within the token budget (R24, R45)."""

from dataclasses import replace
from functools import partial

from lti_tool.content.finding import Finding, find_passages
from lti_tool.llm.tokens import tokens_of
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT, RAG_TOKEN_BUDGET
from lti_tool.tutor.answering.background import Background
from lti_tool.tutor.answering.budget import Material, within_budget


def material_for(runtime: Runtime, background: Background, question: str) -> Material:
    """The best passages first; nothing when even those are not good enough to answer from."""
    finding = _find(runtime, background, question)
    page_source = background.page.source_id if background.page else None
    is_about_page = not finding.is_enough and background.page is not None
    if is_about_page and background.page is not None:
        # "Explain this page" names nothing: what is meant is the page.
        finding = _find(runtime, background, f"{question}\n{background.page.title}")
    is_guess = not finding.is_enough and background.page is not None
    if is_guess and background.page is not None:
        finding = _find(runtime, background, background.page.title)
    elif not finding.is_enough:
        # Attached files may still go to a model.
        return Material(passages=(), is_assessed=background.assessed.concerns(question, ()))
    found = sorted(finding.passages, key=lambda passage: is_about_page and passage.source_id != page_source)
    fitting = within_budget(
        found,
        background.page,
        budget=background.settings.read(RAG_TOKEN_BUDGET),
        count=partial(tokens_of, model=background.settings.read(CHAT_DEPLOYMENT)),
    )
    is_assessed = background.assessed.concerns(question, found, page_source)
    return replace(fitting, is_assessed=is_assessed, is_guess=is_guess)


def _find(runtime: Runtime, background: Background, question: str) -> Finding:
    return find_passages(
        runtime,
        course_id=background.course_id,
        question=question,
        person_id=background.person_id,
        settings=background.settings,
    )
