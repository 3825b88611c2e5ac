"""The PAL of a company at Tavus: what it should be, how far it is from that, and how it gets there.

A PAL holds what an avatar is in every call: prompt, face, languages, turn taking, tools and guardrails. Each company
has one of its own. Source: https://docs.tavus.io (api-reference: pals, pal-tools, tools, guardrails)
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aisdr.company import Company
from aisdr.errors import Conflict, InvalidInput, VendorError
from aisdr.inference.base import ToolSpec
from aisdr.live.tavus_api import TavusClient, either
from aisdr.live.tavus_languages import spoken_codes
from aisdr.live.tavus_marks import OURS
from aisdr.live.tavus_prompt import guardrails_of, system_prompt

_NEWER = {"default_replica_id": "default_face_id", "replica_interruptibility": "pal_interruptibility"}


@dataclass(frozen=True)
class Change:
    """One thing that is not as it should be: absent before, absent after, or different."""

    what: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class _Wanted:
    """A tool or a guardrail that the PAL should have, and its id if the account has it already."""

    body: dict[str, Any]
    known: str | None
    stale: bool = False


@dataclass(frozen=True)
class Plan:
    """What `apply` would do. Without `changes` everything is as it should be."""

    pal_id: str | None
    """None while the company has no PAL: one is made."""
    changes: tuple[Change, ...]
    body: dict[str, Any]
    operations: list[dict[str, Any]]
    tools: tuple[_Wanted, ...]
    attached: frozenset[str]
    surplus_tools: tuple[str, ...]
    guardrails: tuple[_Wanted, ...]
    attached_guardrails: tuple[str, ...]
    surplus_guardrails: tuple[str, ...]


class Provisioning:
    """Brings PALs in line with companies. Safe to repeat.

    Raises:
        VendorError: Tavus refused or failed.
        NotConfigured: there is no key.
    """

    def __init__(self, client: TavusClient) -> None:
        self._client = client

    def plan(self, company: Company, specs: Sequence[ToolSpec], ours: Collection[str], *, own: bool = False) -> Plan:
        """Looks, and changes nothing.

        Args:
            specs: the tools that the company allows.
            ours: the names of all tools of ours: those that the company does not allow are taken away.
            own: the PAL that the company names is not its own; it gets another.

        Raises:
            InvalidInput: the company names no face, or a PAL that is Tavus's own (`stock_persona`) or gone
                (`unknown_persona`).
            Conflict: another company of the account has a different tool under the same name.
        """
        if company.tavus_replica_id is None:
            raise InvalidInput(f"'{company.company_id}' has no tavusReplicaId; choose a face of your Tavus account")
        pal_id = None if own else company.tavus_persona_id
        pal_id = pal_id or self._made_before(company)
        current = self._current(company, pal_id) if pal_id else {}
        body = pal_body(company, current)
        carried = self._client.pal_tools(pal_id) if pal_id else []
        tools = tuple(self._tools(company, specs))
        wanted_ids = {tool.known for tool in tools}
        surplus = [each for each in carried if _is_ours(each, ours) and each["tool_id"] not in wanted_ids]
        attached_guardrails = tuple(current.get("guardrail_ids") or ())
        of_company = self._guardrails(company)
        guardrails = tuple(_guardrail(company, rule, of_company) for rule in guardrails_of(company))
        kept = {each.known for each in guardrails}
        old = {name: known for name, known in of_company.items() if known not in kept}
        operations = list(_operations(current, body)) if pal_id else []
        attached = frozenset(str(each["tool_id"]) for each in carried)
        changes = (
            *([] if pal_id else [Change(f"PAL {body['pal_name']}", None, system_prompt(company))]),
            *_differences(current, body if pal_id else {}),
            *_tool_changes(tools, attached),
            *(Change(f"tool {each['name']}", "carried", None) for each in surplus),
            *(Change("guardrail", None, each.body["guardrail_prompt"]) for each in guardrails if not each.known),
            *(Change(f"guardrail {name}", "kept", None) for name in old),
            *(
                Change("guardrail carried", None, each.body["guardrail_prompt"])
                for each in guardrails
                if each.known and each.known not in attached_guardrails
            ),
        )
        return Plan(
            pal_id,
            changes,
            body,
            operations,
            tools,
            attached,
            tuple(str(each["tool_id"]) for each in surplus),
            guardrails,
            attached_guardrails,
            tuple(old.values()),
        )

    def apply(self, plan: Plan) -> str:
        """Returns the PAL's id."""
        tool_ids = [self._put_tool(tool) for tool in plan.tools]
        rules = [each.known or self._client.create_guardrail(each.body) for each in plan.guardrails]
        others = [each for each in plan.attached_guardrails if each not in plan.surplus_guardrails]
        guardrail_ids = list(dict.fromkeys([*others, *rules]))
        if plan.pal_id is None:
            pal_id = self._client.create_pal(plan.body | {"guardrail_ids": guardrail_ids})
        else:
            pal_id, operations = plan.pal_id, list(plan.operations)
            if guardrail_ids != list(plan.attached_guardrails):
                operations.append({"op": "add", "path": "/guardrail_ids", "value": guardrail_ids})
            if operations:
                self._client.patch_pal(pal_id, operations)
        missing = [each for each in tool_ids if each not in plan.attached]
        if missing:
            self._client.attach_tools(pal_id, missing)
        for tool_id in plan.surplus_tools:
            self._client.detach_tool(pal_id, tool_id)
        for guardrail_id in plan.surplus_guardrails:
            self._client.delete_guardrail(guardrail_id)
        return pal_id

    def _current(self, company: Company, pal_id: str) -> dict[str, Any]:
        remedy = f"`aisdr provision {company.slug} --create` makes one for the company"
        try:
            current = _newer(self._client.get_pal(pal_id))
        except VendorError as error:
            if error.code != "vendor_not_found":
                raise
            message = f"Tavus does not know the PAL '{pal_id}' of '{company.company_id}': {remedy}"
            raise InvalidInput(message, code="unknown_persona") from error
        if either(current, "pal_type", "persona_type") == "system":
            message = f"The PAL '{pal_id}' of '{company.company_id}' is Tavus's own and cannot be changed: {remedy}"
            raise InvalidInput(message, code="stock_persona")
        return current

    def _made_before(self, company: Company) -> str | None:
        """A PAL that we made and whose id got lost, such as by a seed without it. Its name is ours alone."""
        named = (
            each for each in self._client.list_pals() if either(each, "pal_name", "persona_name") == _name(company)
        )
        found = next(named, None)
        return str(either(found, "pal_id", "persona_id")) if found else None

    def _tools(self, company: Company, specs: Sequence[ToolSpec]) -> Iterator[_Wanted]:
        account = {each.get("name"): each for each in self._client.list_tools()} if specs else {}
        own = {tool.name for tool in company.http_tools}
        for spec in specs:
            body = tool_body(spec, (OURS, company.company_id) if spec.name in own else (OURS,))
            known = account.get(spec.name)
            if known is None:
                yield _Wanted(body, None)
                continue
            others = set(known.get("tags") or ()) - {OURS, company.company_id}
            if spec.name in own and OURS in (known.get("tags") or ()) and others:
                raise Conflict(
                    f"The tool '{spec.name}' of '{company.company_id}' has the name of a tool of "
                    f"'{', '.join(sorted(others))}', and names are unique in a Tavus account: choose another name",
                    code="tool_name_taken",
                )
            yield _Wanted(body, str(known["tool_id"]), stale=any(known.get(key) != body[key] for key in body))

    def _put_tool(self, tool: _Wanted) -> str:
        if tool.known is None:
            try:
                return self._client.create_tool(tool.body)
            except VendorError as error:
                if error.code != "vendor_conflict":
                    raise
            # Somebody who provisions another company was quicker.
            named = {each.get("name"): str(each["tool_id"]) for each in self._client.list_tools()}
            tool = _Wanted(tool.body, named[tool.body["name"]], stale=True)
        assert tool.known is not None
        if tool.stale:
            self._client.update_tool(tool.known, tool.body)
        return tool.known

    def _guardrails(self, company: Company) -> dict[str, str]:
        """The company's guardrails in the account, by name."""
        made = re.compile(re.escape(_guardrail_prefix(company)) + "[0-9a-f]{10}")
        listed = self._client.list_guardrails()
        return {
            each["guardrail_name"]: str(each["uuid"])
            for each in listed
            if isinstance(each.get("guardrail_name"), str) and made.fullmatch(each["guardrail_name"])
        }


def tool_body(spec: ToolSpec, tags: Sequence[str] = (OURS,)) -> dict[str, Any]:
    """A tool in Tavus's words: called in the room, answered by our relay, spoken about when the result is there."""
    return {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
        "delivery": {"app_message": True},
        "on_resolve": "generate_response",
        "tags": list(tags),
    }


def pal_body(company: Company, current: Mapping[str, Any]) -> dict[str, Any]:
    """The PAL as the company's configuration has it. What the configuration leaves open stays as it is at Tavus."""
    avatar = company.avatar
    layers: dict[str, Any] = {
        "perception": {"perception_model": "raven-1" if avatar.perception else "off"},
        "conversational_flow": {
            "turn_taking_patience": avatar.patience,
            "pal_interruptibility": avatar.interruptibility,
            "idle_engagement": avatar.idle_engagement,
        },
        "stt": {"hotwords": ", ".join(dict.fromkeys((company.display_name, *avatar.hotwords)))},
    }
    if avatar.model:
        layers["llm"] = {"model": avatar.model}
    body: dict[str, Any] = {
        "system_prompt": system_prompt(company),
        "default_face_id": company.tavus_replica_id,
        "document_tags": list(company.tavus_document_tags) if company.use_tavus_kb else [],
        "languages": spoken_codes(company.languages),
        "layers": layers,
    }
    # Tavus's pages disagree on whether a PAL keeps a greeting; each call brings its own in any case.
    if not current or "greeting" in current:
        body["greeting"] = company.greeting
    return body if current else {"pal_name": _name(company), **body}


def _name(company: Company) -> str:
    return f"{company.display_name} (AI SDR {company.company_id})"


def _newer(record: Mapping[str, Any]) -> dict[str, Any]:
    """A PAL under the newer of Tavus's two vocabularies."""
    newer = {_NEWER.get(key, key): value for key, value in record.items() if _NEWER.get(key) not in record}
    return {key: _newer(value) if isinstance(value, Mapping) else value for key, value in newer.items()}


def _leaves(current: Mapping[str, Any], wanted: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any, Any]]:
    for key, value in wanted.items():
        before = current.get(key)
        if isinstance(value, dict) and isinstance(before, Mapping):
            yield from _leaves(before, value, f"{path}/{key}")
        elif before != value:
            yield f"{path}/{key}", before, value


def _operations(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """`add` also replaces, while `replace` fails where nothing is; and a whole layer is added where it is missing."""
    for path, _, after in _leaves(current, wanted):
        yield {"op": "add", "path": path, "value": after}


def _differences(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Change]:
    for path, before, after in _leaves(current, wanted):
        yield Change(f"PAL {path}", before, after)


def _tool_changes(tools: Sequence[_Wanted], attached: Collection[str]) -> Iterator[Change]:
    for tool in tools:
        name = tool.body["name"]
        if tool.known is None:
            yield Change(f"tool {name}", None, tool.body["description"])
        elif tool.stale:
            yield Change(f"tool {name}", "an older definition", "as it is now")
        elif tool.known not in attached:
            yield Change(f"tool {name} carried", None, tool.body["description"])


def _is_ours(tool: Mapping[str, Any], names: Collection[str]) -> bool:
    return tool.get("name") in names or OURS in (tool.get("tags") or ())


def _guardrail_prefix(company: Company) -> str:
    # A guardrail's name knows no hyphen, a company's id no underscore.
    return f"{OURS}_{company.company_id.replace('-', '_')}_"


def _guardrail(company: Company, rule: str, known: Mapping[str, str]) -> _Wanted:
    """Named by what it says: a rule that was changed is another rule."""
    name = _guardrail_prefix(company) + hashlib.sha256(rule.encode()).hexdigest()[:10]
    body = {
        "guardrail_name": name,
        "guardrail_prompt": rule,
        "modality": "verbal",
        "tags": [OURS, company.company_id],
    }
    return _Wanted(body, known.get(name))
