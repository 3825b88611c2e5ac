"""`aisdr seed`: shows what changes, writes it once, and explains every mistake without writing anything."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner, Result

from aisdr.company import Companies, StoredCompany
from aisdr.errors import Conflict, InvalidInput
from aisdr.services import Services
from aisdr.table import Table
from scripts.seed import difference, read_company, seed, seed_company
from tests.conftest import COMPANIES
from tests.material import a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACME = """
companyId = "acme"
slug = "acme"
displayName = "Acme"
websiteUrl = "https://acme.example"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "company.toml"
    path.write_text(ACME)
    return path


def aisdr_seed(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(seed)
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("slogan = 'Robots!'", ["'slogan'", "unknown", "remove it or correct its spelling"]),
        ("branding.colour = '#ffffff'", ["'branding.colour'", "unknown"]),
        ("useTavusVideo = 'yes'", ["'useTavusVideo'", "true or false", "'yes'", "change the value"]),
        ("limits.callsPerDay = '10'", ["'limits.callsPerDay'", "a whole number", "'10'"]),
        ("limits.callSeconds = 5", ["'limits.callSeconds'", "greater than or equal to 60", "5"]),
        ("limits.moneyPerDay = inf", ["'limits.moneyPerDay'", "finite"]),
        ("searchStrategy = 'clever'", ["'searchStrategy'", "'parallel', 'smart', 'fallback' or 'own'", "'clever'"]),
        ("tavusFaceId = 'f123'", ["'tavusFaceId'", "wrong form", "^r[0-9a-z]+$"]),
        ("tavusFaceId = 5", ["'tavusFaceId'", "must be a text"]),
        ("allowedOrigins = ['https://acme.example/']", ["'allowedOrigins, 1st entry': write", "without a path"]),
        ("modes = []", ["'modes' must have 1 or more entries, not 0"]),
        ("modes = 'text'", ["'modes' must be a list, not 'text'"]),
        ("modes = ['text', 'vdieo']", ["'modes, 2nd entry' must be one of", "not 'vdieo'"]),
        ("branding = 'blue'", ["'branding' must be a table"]),
        ("demoClips = [{ title = 'Tour' }]", ["'demoClips, 1st entry, url' is missing"]),
        ("starters = ['', '', '', '', '', '', '']", ["'starters' may have at most 6 entries, not 7"]),
        ("tavusKBWeight = 1.5", ["'tavusKBWeight'", "less than or equal to 1"]),
        ("bookingUrl = 'http://cal.example'", ["'bookingUrl'", "^https://"]),
        ("bookingUrl = 'https://cal.example/?phone={phone}'", ["'bookingUrl'", "{phone}", "{email}"]),
        ("bookingUrl = 'https://{company}.cal.example/'", ["'bookingUrl'", "{company} in its host"]),
    ],
)
def test_a_mistake_names_file_key_and_remedy_and_nothing_is_written(
    services: Services, aws: "DynamoDBClient", file: Path, line: str, words: list[str]
) -> None:
    file.write_text(f"{ACME}{line}\n")

    result = aisdr_seed(str(file))

    assert isinstance(result.exception, InvalidInput)
    assert [word for word in (str(file), *words) if word not in result.exception.message] == []
    assert items(aws, COMPANIES) == []


def test_all_mistakes_are_told_at_once(file: Path) -> None:
    file.write_text("companyId = 'acme'\nslogan = 1\nsearchStrategy = 'clever'\n")

    with pytest.raises(InvalidInput) as caught:
        read_company(file)

    told = caught.value.message.splitlines()
    missing = {f"{file}: key '{key}' is missing; add it" for key in ("slug", "displayName", "websiteUrl")}
    assert missing < set(told)
    assert len(told) == 5


def test_a_mistake_inside_a_list_is_told_once(file: Path) -> None:
    file.write_text(f"{ACME}models.chat = [{{ provider = 'clever' }}]\n")

    with pytest.raises(InvalidInput) as caught:
        read_company(file)

    assert caught.value.message == (
        f"{file}: key 'models.chat, 1st entry, provider' must be one of "
        "'bedrock', 'openai' or 'extractive', not 'clever'"
    )


@pytest.mark.parametrize("content", [b"companyId = \n", b"a = 1\na = 2\n", b"\x00\n", b"a = '\xff'\n"])
def test_a_file_that_is_not_toml_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(InvalidInput, match=r"company\.toml: not valid TOML \(.+\); mend"):
        read_company(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"company\.toml: there is no such file"):
        read_company(tmp_path)


def test_a_folder_stands_for_its_file(file: Path) -> None:
    assert read_company(file.parent) == read_company(file)


def test_seeding_stores_the_company_and_prints_what_changed(services: Services, file: Path) -> None:
    result = aisdr_seed(str(file))

    assert result.exit_code == 0
    assert '+ displayName = "Acme"' in result.stdout
    assert "acme: saved (version 1," in result.stdout
    assert services.companies.by_slug("acme").display_name == "Acme"


def test_a_second_seed_of_the_same_file_is_unchanged(services: Services, aws: "DynamoDBClient", file: Path) -> None:
    aisdr_seed(str(file))
    before = items(aws, COMPANIES)

    result = aisdr_seed(str(file))

    assert result.stdout.strip() == "acme: unchanged (version 1, 0 keys differ)"
    assert items(aws, COMPANIES) == before


def test_a_changed_file_shows_old_and_new(services: Services, file: Path) -> None:
    aisdr_seed(str(file))
    file.write_text(f"{ACME}greeting = 'Welcome [you]'\nbranding.radius = 4\n")

    result = aisdr_seed(str(file))

    assert '~ greeting = "Hello! What would you like to know?" -> "Welcome [you]"' in result.stdout.replace("\n", " ")
    assert "~ branding.radius = 20 -> 4" in result.stdout
    assert "saved (version 2, 2 keys differ)" in result.stdout
    assert services.companies.get("acme").branding.radius == 4


def test_a_changed_key_is_one_line_however_long_it_is(services: Services, file: Path) -> None:
    aisdr_seed(str(file))
    file.write_text(f"{ACME}greeting = '{'Welcome, stranger. ' * 20}'\n")

    changed, told = aisdr_seed(str(file)).stdout.splitlines()

    assert changed.startswith("~ greeting = ")
    assert changed.endswith('stranger. "')
    assert told == "acme: saved (version 2, 1 key differs)"


def test_a_dry_run_shows_the_difference_and_writes_nothing(
    services: Services, aws: "DynamoDBClient", file: Path
) -> None:
    result = aisdr_seed(str(file), "--dry-run")

    assert "acme: would change" in result.stdout
    assert '+ displayName = "Acme"' in result.stdout
    assert items(aws, COMPANIES) == []


@pytest.mark.parametrize(("flags", "written"), [((), True), (("--dry-run",), False)])
def test_json_is_one_object_for_programs(services: Services, file: Path, flags: tuple[str, ...], written: bool) -> None:
    answer = json.loads(aisdr_seed(str(file), "--json", *flags).stdout)

    assert (answer["companyId"], answer["version"], answer["written"]) == ("acme", int(written), written)
    assert '+ slug = "acme"' in answer["changes"]


def test_json_says_that_an_unchanged_company_was_not_written(services: Services, file: Path) -> None:
    aisdr_seed(str(file))

    assert json.loads(aisdr_seed(str(file), "--json").stdout)["written"] is False


def test_a_change_between_look_and_write_is_a_conflict(companies_table: Table) -> None:
    class Overtaken(Companies):
        """Somebody else writes right after we looked."""

        def stored(self, company_id: str) -> StoredCompany | None:
            seen = super().stored(company_id)
            if theirs.stored(company_id) == seen and seen is not None:
                theirs.put(a_company(greeting="theirs"), expected_version=seen.version)
            return seen

    theirs = Companies(companies_table)
    Companies(companies_table).put(a_company(), expected_version=0)

    with pytest.raises(Conflict, match="was changed by somebody else"):
        seed_company(Overtaken(companies_table), a_company(greeting="ours"), dry_run=False)

    assert Companies(companies_table).get("acme").greeting == "theirs"


def test_a_copied_folder_does_not_rename_the_company_it_was_copied_from(
    services: Services, aws: "DynamoDBClient", file: Path
) -> None:
    aisdr_seed(str(file))
    before = items(aws, COMPANIES)
    file.write_text(ACME.replace('slug = "acme"', 'slug = "globex"'))

    for flags in ((), ("--dry-run",)):
        refused = aisdr_seed(str(file), *flags).exception
        assert isinstance(refused, Conflict)
        assert refused.code == "slug_changed"
        assert "'acme'" in refused.message
        assert "If 'globex' is a new company, give it a companyId of its own" in refused.message
        assert "--rename" in refused.message

    assert items(aws, COMPANIES) == before


def test_a_company_is_renamed_when_that_is_asked_for(services: Services, file: Path) -> None:
    aisdr_seed(str(file))
    file.write_text(ACME.replace('slug = "acme"', 'slug = "globex"'))

    result = aisdr_seed(str(file), "--rename")

    assert '~ slug = "acme" -> "globex"' in result.stdout
    assert services.companies.by_slug("globex").company_id == "acme"


def test_a_dry_run_already_tells_that_the_slug_is_taken(services: Services, file: Path) -> None:
    aisdr_seed(str(file))
    file.write_text(ACME.replace('companyId = "acme"', 'companyId = "globex"'))

    refused = aisdr_seed(str(file), "--dry-run").exception

    assert isinstance(refused, Conflict)
    assert refused.message == "slug 'acme' belongs to company 'acme'; choose another slug"


def test_a_shared_pal_is_warned_about(services: Services, file: Path) -> None:
    services.companies.put(a_company("globex", tavus_persona_id="p1"), expected_version=0)
    file.write_text(f"{ACME}tavusPersonaId = 'p1'\n")

    told = json.loads(aisdr_seed(str(file), "--json").stdout)

    assert told["written"] is True
    assert "'globex' names the same tavusPersonaId" in told["warnings"][0]
    assert "Warning: 'globex'" in aisdr_seed(str(file)).stderr


def test_a_difference_has_one_line_a_key() -> None:
    old = {"same": 1, "gone": "x", "changed": [1], "nested": {"inner": 1, "kept": 2}}
    new = {"same": 1, "added": True, "changed": [1, 2], "nested": {"inner": None, "kept": 2}}

    assert difference(old, new) == [
        "+ added = true",
        "~ changed = [1] -> [1, 2]",
        '- gone = "x"',
        "- nested.inner = 1",
    ]


SECRETS = ("whsec_" + "A" * 32, "whsec_" + "B" * 32)
OWN_TOOL = """
[[httpTools]]
name = "reserve_demo"
description = "Reserve a demo device for the visitor."
url = "https://acme.example/reserve"
secret = "{secret}"
parameters = {{ properties = {{ city = {{ type = "string" }} }} }}
"""


def with_own_tool(**changes: str) -> str:
    text = ACME + OWN_TOOL.format(secret=changes.pop("secret", SECRETS[0]))
    written = {"name": "reserve_demo", "type": '"string"', "url": "https://acme.example/reserve"}
    for key, value in changes.items():
        text = text.replace(written[key], value)
    return text


def test_a_tool_of_the_companys_own_is_stored(services: Services, file: Path) -> None:
    file.write_text(with_own_tool())

    assert aisdr_seed(str(file)).exit_code == 0
    assert [tool.name for tool in services.companies.get("acme").http_tools] == ["reserve_demo"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (with_own_tool(name="log_lead"), ["'httpTools, 1st entry, name'", "'log_lead' is taken"]),
        (with_own_tool() + OWN_TOOL.format(secret=SECRETS[1]), ["'httpTools, 2nd entry, name'", "is taken"]),
        (with_own_tool(name="Reserve Demo"), ["'httpTools, 1st entry, name'", "wrong form"]),
        (with_own_tool(type='"object"'), ["'httpTools, 1st entry, parameters.properties.city.type'", "one of"]),
        (with_own_tool(type='"integer", maxLength = 3'), ["parameters.properties.city'", "only for the type string"]),
        (with_own_tool(url="http://acme.example"), ["'httpTools, 1st entry, url'", "begins with https://"]),
    ],
)
def test_a_tool_that_cannot_work_is_explained(file: Path, content: str, words: list[str]) -> None:
    file.write_text(content)

    with pytest.raises(InvalidInput) as caught:
        read_company(file)

    assert [word for word in words if word not in caught.value.message] == []
    assert SECRETS[0] not in caught.value.message


@pytest.mark.parametrize(
    "line",
    [
        "webhook = { url = 'https://acme.example/hook', secrets = ['s3cret-of-ours'] }",
        "webhook = { url = 'https://acme.example/hook', secrets = 's3cret-of-ours' }",
        "webhook = { url = 'https://acme.example/hook', secrets = [{ key = 's3cret-of-ours' }] }",
        "webhook = [{ secrets = ['s3cret-of-ours'] }]",
        "webhook = { url = 'https://user:s3cret-of-ours@acme.example/hook', secrets = [] }",
        "webhook = 'whsec_s3cret-of-ours'",
    ],
)
def test_a_mistake_never_repeats_a_secret(file: Path, line: str) -> None:
    file.write_text(f"{ACME}{line}\n")

    with pytest.raises(InvalidInput) as caught:
        read_company(file)

    assert "'webhook" in caught.value.message
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_changed_secret_is_seen_to_change_and_not_seen(
    services: Services, file: Path, flags: tuple[str, ...]
) -> None:
    hook = "[webhook]\nurl = 'https://acme.example/hook'\nsecrets = ['{}']\n"
    outputs = []
    for secret in SECRETS:
        file.write_text(with_own_tool(secret=secret) + hook.format(secret))
        outputs.append(aisdr_seed(str(file), *flags).output)

    assert not any(secret in output for secret in SECRETS for output in outputs)
    assert "httpTools" in outputs[1]
    assert "webhook.secrets" in outputs[1]
    assert services.companies.get("acme").http_tools[0].secret == SECRETS[1]
