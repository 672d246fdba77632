"""The closed sets and written forms that several settings share."""

from enum import StrEnum


def N_(text: str) -> str:
    """Marks a text for the translators; the page translates it when it shows it."""
    return text


class ProviderKind(StrEnum):
    OPENAI = "openai"
    AZURE = "azure"
    COMPATIBLE = "compatible"


NAME = r"[A-Za-z0-9._:/-]*"
NAME_RULE = N_("Only letters, digits and . _ - : / may be used.")
COLOUR = r"#[0-9a-fA-F]{6}"
COLOUR_RULE = N_("Write a colour as # and six hexadecimal digits.")
