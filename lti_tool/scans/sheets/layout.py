"""Where everything stands on a printed A4 page, in millimetres from its top left corner, for printers and readers.

Codes of 20 mm in two opposite corners, boxes of 8.5 x 9 mm and bubbles of 4 mm under them (scans.md 4.1 to 4.4).
"""

from dataclasses import dataclass

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
CODE = 20.0
MARGIN = 12.0
BOX_WIDTH, BOX_HEIGHT = 8.5, 9.0
BOXES_TOP, BOXES_LEFT = 72.0, 24.0
BUBBLE, BUBBLE_PITCH = 4.0, 5.4
BUBBLES_TOP = BOXES_TOP + BOX_HEIGHT + 3.0
MOST_DIGITS = 16
"""What fits between the margins."""
HEADER_BOTTOM = 85.0
"""Down to here stands what tells whose a cover is: the strip that is shown before anything else."""


@dataclass(frozen=True, kw_only=True)
class Area:
    """A rectangle of the printed page."""

    left: float
    top: float
    width: float
    height: float

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """From the top left one, clockwise."""
        right, bottom = self.left + self.width, self.top + self.height
        return (self.left, self.top), (right, self.top), (right, bottom), (self.left, bottom)

    @property
    def centre(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    def seen_from(self, frame: "Area") -> "Area":
        """The same, measured from another area's top left corner."""
        return Area(left=self.left - frame.left, top=self.top - frame.top, width=self.width, height=self.height)

    def within(self, margin: float) -> "Area":
        """The same, smaller by a margin on each side; larger by a negative one."""
        return Area(
            left=self.left + margin,
            top=self.top + margin,
            width=self.width - 2 * margin,
            height=self.height - 2 * margin,
        )


TOP_RIGHT = Area(left=PAGE_WIDTH - MARGIN - CODE, top=MARGIN, width=CODE, height=CODE)
BOTTOM_LEFT = Area(left=MARGIN, top=PAGE_HEIGHT - MARGIN - CODE, width=CODE, height=CODE)
STICKER = Area(left=0, top=0, width=CODE, height=CODE)
"""A sticker's code in its own drawing."""
HEADER = Area(left=0, top=0, width=PAGE_WIDTH, height=HEADER_BOTTOM)


def number_boxes(digits: int) -> list[Area]:
    """The boxes for a register number, from left to right."""
    return [
        Area(left=BOXES_LEFT + place * BOX_WIDTH, top=BOXES_TOP, width=BOX_WIDTH, height=BOX_HEIGHT)
        for place in range(digits)
    ]


def number_strip(digits: int) -> Area:
    """All boxes together."""
    return Area(left=BOXES_LEFT, top=BOXES_TOP, width=digits * BOX_WIDTH, height=BOX_HEIGHT)


def bubbles(digits: int) -> list[list[Area]]:
    """For each digit of the number its ten bubbles, 0 above 9."""
    inset = (BOX_WIDTH - BUBBLE) / 2
    return [
        [
            Area(left=box.left + inset, top=BUBBLES_TOP + value * BUBBLE_PITCH, width=BUBBLE, height=BUBBLE)
            for value in range(10)
        ]
        for box in number_boxes(digits)
    ]
