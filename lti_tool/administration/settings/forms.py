"""Reading a settings form: each field names itself in `shown`, so that an unticked box differs from an absent field."""

from werkzeug.datastructures import MultiDict


def typed_values(form: MultiDict[str, str]) -> dict[str, str]:
    """What was typed for each field of the form."""
    return {key: form.get(f"setting-{key}", "") for key in form.getlist("shown")}
