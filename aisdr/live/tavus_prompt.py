"""What a company's avatar is told about itself: its prompt and its guardrails, from the company's configuration."""

from aisdr.company import Company
from aisdr.live.spoken import spoken_rules

MOST_GUARDRAIL_CHARACTERS = 1000
MOST_GUARDRAILS = 50
_LANGUAGE = "Answer in the language that the visitor speaks."


def system_prompt(company: Company) -> str:
    """Who it is, then the rules; those about a tool only where the company allows it."""
    rules = [*spoken_rules(company), _LANGUAGE, *(f"Never: {rule}" for rule in company.avatar.guardrails)]
    parts = [
        company.introduction(),
        "You speak with a visitor of the company's website, face to face in a video call.",
        "\n".join(f"- {rule}" for rule in rules),
    ]
    if company.qualification.criteria:
        criteria = "\n".join(f"- {each}" for each in company.qualification.criteria)
        parts.append(f"A visitor is a good lead when:\n{criteria}\nFind out with at most one question at a time.")
    return "\n\n".join(parts)


def guardrails_of(company: Company) -> tuple[str, ...]:
    """What it must never do; in the prompt as well, for guardrails are watched beside the conversation."""
    rules = (*company.avatar.guardrails, *company.persona.dont)
    told = (f"The assistant must never do this: {rule.strip()}" for rule in rules if rule.strip())
    return tuple(dict.fromkeys(rule[:MOST_GUARDRAIL_CHARACTERS] for rule in told))[:MOST_GUARDRAILS]
