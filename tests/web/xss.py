"""What the sanitisers of server and browser are both fed (R167): our own attempts, and those that others published."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent


def _vectors(name: str) -> list[str]:
    groups = json.loads((FOLDER / name).read_text(encoding="utf-8"))["vectors"]
    return [vector for group in groups.values() for vector in group]


OWN, PUBLIC = _vectors("xss.json"), _vectors("xss_public.json")
VECTORS = sorted({*OWN, *PUBLIC})
