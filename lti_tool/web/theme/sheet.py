"""Two colours as a style sheet, readable whatever was chosen: text on them, and them on white, keep WCAG's 4.5 : 1."""

ENOUGH = 4.5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)

Colour = tuple[int, int, int]


def theme_sheet(primary: str, secondary: str) -> str:
    """The custom properties that Bootstrap's buttons and links take their colours from."""
    main, second = parsed(primary), parsed(secondary)
    return f"""\
:root {{
  --bs-primary: {shown(main)};
  --bs-primary-rgb: {channels(main)};
  --bs-link-color: {shown(readable(main))};
  --bs-link-color-rgb: {channels(readable(main))};
  --bs-link-hover-color: {shown(readable(second))};
  --bs-link-hover-color-rgb: {channels(readable(second))};
}}
.btn-primary {{
  --bs-btn-bg: {shown(main)};
  --bs-btn-border-color: {shown(main)};
  --bs-btn-color: {shown(text_on(main))};
  --bs-btn-hover-bg: {shown(second)};
  --bs-btn-hover-border-color: {shown(second)};
  --bs-btn-hover-color: {shown(text_on(second))};
  --bs-btn-active-bg: {shown(second)};
  --bs-btn-active-border-color: {shown(second)};
  --bs-btn-active-color: {shown(text_on(second))};
  --bs-btn-disabled-bg: {shown(main)};
  --bs-btn-disabled-border-color: {shown(main)};
  --bs-btn-disabled-color: {shown(text_on(main))};
}}
.btn-outline-primary {{
  --bs-btn-color: {shown(readable(main))};
  --bs-btn-border-color: {shown(readable(main))};
  --bs-btn-hover-bg: {shown(main)};
  --bs-btn-hover-border-color: {shown(main)};
  --bs-btn-hover-color: {shown(text_on(main))};
  --bs-btn-active-bg: {shown(second)};
  --bs-btn-active-border-color: {shown(second)};
  --bs-btn-active-color: {shown(text_on(second))};
}}
.nav-pills {{
  --bs-nav-pills-link-active-bg: {shown(main)};
  --bs-nav-pills-link-active-color: {shown(text_on(main))};
}}
:focus-visible {{ outline-color: {shown(readable(main))}; }}
"""


def parsed(text: str) -> Colour:
    """The three channels of #rrggbb."""
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def shown(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"


def channels(colour: Colour) -> str:
    return ", ".join(map(str, colour))


def text_on(background: Colour) -> Colour:
    """White where it can be read, else black: one of the two always can."""
    return WHITE if contrast(WHITE, background) >= ENOUGH else BLACK


def readable(colour: Colour) -> Colour:
    """The colour, darkened as far as it must be for text on white."""
    while contrast(WHITE, colour) < ENOUGH:
        red, green, blue = colour
        colour = red * 9 // 10, green * 9 // 10, blue * 9 // 10
    return colour


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2.2's contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    """WCAG 2.2's relative luminance."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
