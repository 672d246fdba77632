"""What orders of the queue and ways to one mark are called."""

from flask_babel import gettext as _

from lti_tool.grading.desk.models import How, Order


def order_words() -> dict[Order, str]:
    return {
        Order.NAME: _("By name"),
        Order.TIME: _("By time handed in"),
        Order.PRIORITY: _("What needs you most first"),
        Order.RANDOM: _("By lot, always the same for you"),
    }


def how_words() -> dict[How, str]:
    return {
        How.AGREED: _("Both agreed"),
        How.MEAN: _("The mean of both"),
        How.ONE: _("One of the two"),
        How.NEW: _("A new mark"),
    }
