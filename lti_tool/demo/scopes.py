"""The services a tool may be granted."""

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEMS = f"{AGS}lineitem"
LINE_ITEMS_READ = f"{AGS}lineitem.readonly"
RESULTS = f"{AGS}result.readonly"
SCORES = f"{AGS}score"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

OFFERED = (LINE_ITEMS, LINE_ITEMS_READ, RESULTS, SCORES, ROSTER)


def grade_scopes(scopes: list[str]) -> list[str]:
    return [scope for scope in scopes if scope.startswith(AGS)]
