"""The file of an environment: what is wrong in it is named, with what to write instead."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra.environment import FOLDER, UNKNOWN_ADDRESS, Unusable, load

LEAST = 'name = "dev"\naccount = "111111111111"\nregion = "us-east-1"\n'


def written(folder: Path, more: str = "") -> Path:
    file = folder / "mine.toml"
    file.write_text(LEAST + more)
    return file


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_the_examples_can_be_used(file: Path) -> None:
    environment = load(file)

    assert environment.name
    # None of them is anybody's account, nor may an emulator be taken for one.
    assert environment.account == ("000000000000" if environment.emulator else "111111111111")


def test_three_keys_are_enough(tmp_path: Path) -> None:
    environment = load(written(tmp_path))

    assert environment.keep
    assert environment.search.engine == "none"
    assert environment.named("companies") == "aisdr-dev-companies"
    assert environment.address.host == UNKNOWN_ADDRESS


@pytest.mark.parametrize(
    ("more", "named", "remedy"),
    [
        ("logDay = 30", "logDay", "did you mean logDays?"),
        ("[search]\nengin = 'none'", "search.engin", "did you mean engine?"),
        ("[functions.search]\nmemry = 512", "functions.search.memry", "did you mean memory?"),
        ("[functions.serach]\nmemory = 512", "functions.serach", "session, tool, search, ws-relay, reconciler"),
        ("colour = 'red'", "colour", "take it away"),
        ("[search]\nengine = 'elastic'", "search.engine", "'domain', 'serverless', 'node' or 'none'"),
        ("[search]\nengine = 'node'", "search", "belong together"),
        ("[search]\nurl = 'https://search.example.com'", "search", "belong together"),
        ("[emulator]\nendpoint = 'https://aws.example.com'\nsite = 'http://localhost:3000'", "emulator.endpoint", ""),
        ("[address]\ndomain = 'sdr.example.com'", "address", "belong together"),
        (
            "[address]\ndomain = 'x.org'\ncertificate = 'arn:aws:acm:eu-west-1:111111111111:certificate/a'",
            "certificate",
            "",
        ),
        ("logDays = 31", "logDays", "7, 14, 30"),
        ("[bounds]\nstoreSeconds = 60", "bounds.storeSeconds", "less than or equal to 10"),
        ("[bounds]\nmostSocket = 60", "bounds.mostSocket", "did you mean mostSockets?"),
        ("[functions.search]\nreserved = 0", "functions.search.reserved", "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(tmp_path: Path, more: str, named: str, remedy: str) -> None:
    with pytest.raises(Unusable) as caught:
        load(written(tmp_path, more))

    assert named in str(caught.value)
    assert remedy in str(caught.value)


def test_a_file_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="dev, local, prod, serverless"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="not TOML"):
        load(written(tmp_path, "name is dev"))


def test_the_deployment_page_names_every_key() -> None:
    page = (FOLDER.parents[1] / "docs" / "operations.md").read_text()

    def keys(values: dict[str, Any]) -> set[str]:
        return {
            inner for key, each in values.items() for inner in ({key} if not isinstance(each, dict) else keys(each))
        }

    everything = load(FOLDER / "prod.toml").model_dump(mode="json", by_alias=True)
    used = keys(tomllib.loads((FOLDER / "prod.toml").read_text())) | keys(everything)

    assert sorted(key for key in used if f"`{key}`" not in page and f"`{key} " not in page) == []
