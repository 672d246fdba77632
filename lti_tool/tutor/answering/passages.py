"""The passages that a question is answered from, numbered, within the token budget (R45, R149)."""

from lti_tool.content.finding import find_passages
from lti_tool.llm.usage import CHARACTERS_A_TOKEN
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import RAG_TOKEN_BUDGET
from lti_tool.tutor.answering.background import Background
from lti_tool.tutor.turns import CitedPassage


def passages_for(runtime: Runtime, background: Background, question: str) -> list[CitedPassage]:
    """The best passages first; none when even those are not good enough to answer from."""
    finding = find_passages(runtime, course_id=background.course_id, question=question, person_id=background.person_id)
    if not finding.is_enough:
        return []
    left = background.settings.read(RAG_TOKEN_BUDGET) * CHARACTERS_A_TOKEN
    chosen: list[CitedPassage] = []
    for passage in finding.passages:
        left -= len(passage.text)
        # The best one is given even where it alone is more than the budget.
        if left < 0 and chosen:
            break
        chosen.append(
            CitedPassage(
                number=len(chosen) + 1,
                chunk_id=passage.chunk_id,
                title=passage.title,
                locator=passage.locator,
                quotation=passage.text,
            )
        )
    return chosen
