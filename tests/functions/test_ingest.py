"""The knowledge bucket's queue: what is dropped is found, what is wrong is written down, what may pass comes again."""

from collections.abc import Callable
from importlib import import_module
from typing import Any
from unittest.mock import Mock

import pytest

from aisdr.errors import VendorError
from aisdr.index.base import Chunk
from aisdr.ingest import inbox
from aisdr.ingest.unread import KEPT_SECONDS, UnreadFiles
from aisdr.services import Services
from aisdr.tenant import TenantScope
from tests.conftest import KNOWLEDGE, MEDIA
from tests.ingest.dropped import TEST_EVENT, message, notice, told_of
from tests.ingest.material import draw, print_pdf
from tests.material import a_company

pytestmark = pytest.mark.slow  # each reads in a process of its own, as the function does
ACME = TenantScope.for_operator("acme")
PRICING = "# Pricing\n\nThe Growth plan costs 149 dollars a month."


class Context:
    """Lambda's, with so many seconds left."""

    aws_request_id = "request-1"

    def __init__(self, seconds: float = 900) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


class Door:
    """Drops files and tells the function of them."""

    def __init__(self, services: Services, s3: Any) -> None:
        self.services = services
        self._s3 = s3

    def drop(self, key: str, content: str | bytes) -> None:
        body = content.encode() if isinstance(content, str) else content
        self._s3.put_object(Bucket=KNOWLEDGE, Key=key, Body=body)

    def take_away(self, key: str) -> None:
        self._s3.delete_object(Bucket=KNOWLEDGE, Key=key)

    def tell(self, event: dict[str, Any], seconds: float = 900) -> list[str]:
        """Messages that are to come again."""
        answer = import_module("functions.ingest.handler").handler(event, Context(seconds))
        assert set(answer) == {"batchItemFailures"}
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def chunks(self, source_id: str, scope: TenantScope = ACME) -> list[Chunk]:
        return self.services.place(scope).index.chunks(scope, source_id)

    def sources(self, scope: TenantScope = ACME) -> set[str]:
        return {each.source_id for each in self.services.place(scope).index.sources(scope)}

    def unread(self) -> dict[str, tuple[str, str]]:
        return {each.source_id: (each.state, each.reason) for each in self.services.unread_files.all(ACME)}


@pytest.fixture
def door(services: Services, clients: tuple[Any, Any]) -> Door:
    services.companies.put(a_company(), expected_version=0)
    services.companies.put(a_company("globex", slug="globex"), expected_version=0)
    return Door(services, clients[1])


def test_a_file_that_is_dropped_is_found_and_one_that_is_taken_away_is_not(door: Door) -> None:
    door.drop("acme/plans/Our pricing + more.md", PRICING)

    assert door.tell(told_of("acme/plans/Our pricing + more.md")) == []
    assert "149 dollars" in door.chunks("plans/Our pricing + more.md")[0].text

    door.take_away("acme/plans/Our pricing + more.md")
    assert door.tell(told_of("acme/plans/Our pricing + more.md", event="ObjectRemoved:DeleteMarkerCreated")) == []
    assert door.sources() == set()


def test_what_is_there_now_counts_whatever_the_message_says_and_however_often(door: Door) -> None:
    door.drop("acme/pricing.md", PRICING)
    late = told_of("acme/pricing.md", event="ObjectRemoved:Delete")

    assert door.tell(late) == door.tell(late) == []
    assert door.sources() == {"pricing.md"}

    door.take_away("acme/pricing.md")
    assert door.tell(told_of("acme/pricing.md")) == door.tell(told_of("acme/pricing.md")) == []
    assert door.sources() == set()


def test_a_company_gets_nothing_of_anothers_prefix(door: Door) -> None:
    door.drop("globex/pricing.md", PRICING)

    door.tell(told_of("globex/pricing.md"))

    assert door.sources(TenantScope.for_operator("globex")) == {"pricing.md"}
    assert door.sources() == set()


def test_a_companion_or_a_meta_file_that_changes_changes_what_it_belongs_to(door: Door) -> None:
    door.drop("acme/plans/pricing.md", PRICING)
    door.tell(told_of("acme/plans/pricing.md"))
    door.drop("acme/meta.toml", 'language = "de"')
    door.drop("acme/plans/pricing.toml", 'tags = ["plans"]')

    door.tell(told_of("acme/meta.toml", "acme/plans/pricing.toml"))

    (chunk,) = door.chunks("plans/pricing.md")
    assert (chunk.language, chunk.tags) == ("de", ("plans",))
    assert door.sources() == {"plans/pricing.md"}


def test_a_broken_file_is_written_down_with_its_reason_and_told_no_more(door: Door) -> None:
    door.drop("acme/plan.pdf", "no PDF at all")
    door.drop("acme/pricing.md", PRICING)

    assert door.tell(told_of("acme/plan.pdf", "acme/pricing.md")) == []

    assert door.sources() == {"pricing.md"}
    state, reason = door.unread()["plan.pdf"]
    assert (state, bool(reason)) == ("failed", True)


def test_a_broken_file_leaves_the_list_when_it_was_mended_or_taken_away(door: Door, tmp_path: Any) -> None:
    for name in ("one.pdf", "two.pdf"):
        door.drop(f"acme/{name}", f"no PDF at all, but {name}")
    door.tell(told_of("acme/one.pdf", "acme/two.pdf"))
    assert set(door.unread()) == {"one.pdf", "two.pdf"}
    door.drop("acme/one.pdf", print_pdf(tmp_path / "one.pdf", "A page with words on it").read_bytes())
    door.take_away("acme/two.pdf")

    door.tell(told_of("acme/one.pdf", "acme/two.pdf"))

    assert door.unread() == {}


def test_a_file_that_needs_what_a_function_has_not_waits_for_the_operators_machine(
    door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """As in a bundle, where these packages are not; the reader's own process looks first where we say."""
    for package in ("av", "rapidocr", "moonshine_voice"):
        (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('No module', name={package!r})")
    monkeypatch.syspath_prepend(tmp_path)
    door.drop("acme/tour.mp4", "a film")

    assert door.tell(told_of("acme/tour.mp4")) == []

    state, reason = door.unread()["tour.mp4"]
    assert state == "waiting"
    assert "needs av" in reason
    assert "aisdr ingest s3://knowledge/acme/ --company acme" in reason
    assert door.sources() == set()


def test_a_file_that_is_too_large_for_a_function_waits_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "LARGEST", 1000)
    door.drop("acme/pricing.md", PRICING + " Much more." * 200)

    assert door.tell(told_of("acme/pricing.md")) == []

    assert door.unread()["pricing.md"][0] == "waiting"


def test_where_the_index_comes_with_the_code_every_file_waits(door: Door) -> None:
    door.services.inbox._can_write = lambda _: False  # as in a function's own folder
    door.drop("acme/pricing.md", PRICING)

    assert door.tell(told_of("acme/pricing.md")) == []

    assert door.unread()["pricing.md"][0] == "waiting"
    assert door.sources() == set()


def test_objects_of_nobody_are_dropped_and_keep_nothing_from_being_taken(door: Door) -> None:
    door.drop("nobody/pricing.md", PRICING)
    door.drop("beside.md", PRICING)
    door.drop("/rooted.md", PRICING)
    door.drop("acme/pricing.md", PRICING)

    assert door.tell(told_of("nobody/pricing.md", "beside.md", "/rooted.md", "acme/pricing.md")) == []

    assert door.sources() == {"pricing.md"}


def test_the_test_that_s3_sends_and_another_buckets_objects_are_nothing(door: Door) -> None:
    door.drop("acme/pricing.md", PRICING)
    foreign = message({"Records": [notice("acme/pricing.md", bucket="another")]})

    assert door.tell({"Records": [message(TEST_EVENT), foreign]}) == []

    assert door.sources() == set()


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "null", '{"Records": [{}]}', '{"Records": "all"}'])
def test_what_s3_does_not_say_comes_again_until_it_lies_with_the_dead_letters(door: Door, body: str) -> None:
    strange = message(body)
    door.drop("acme/pricing.md", PRICING)

    again = door.tell({"Records": [strange, *told_of("acme/pricing.md")["Records"]]})

    assert again == [strange["messageId"]]
    assert door.sources() == {"pricing.md"}


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def test_when_a_vendor_fails_the_message_comes_again_and_the_next_try_brings_it(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.drop("acme/pricing.md", PRICING)
    event = told_of("acme/pricing.md")
    away = VendorError("OpenSearch is away", vendor="opensearch", retryable=True)
    with monkeypatch.context() as broken:
        broken.setattr(door.services.place(ACME).index, "replace_source", failing(away))
        again = door.tell(event)

    assert again == [event["Records"][0]["messageId"]]
    assert door.unread()["pricing.md"] == ("failed", "OpenSearch is away")
    assert door.tell(event) == []
    assert door.sources() == {"pricing.md"}
    assert door.unread() == {}


def test_a_source_that_tavus_did_not_take_is_told_to_it_again_though_nobody_changed_it(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = VendorError("Tavus is away", vendor="tavus", retryable=True)
    documents: Any = Mock()
    documents.refresh.return_value = []
    documents.register.side_effect = [away, "document-1"]
    door.services.inbox._ingestion._documents = documents
    door.drop("acme/pricing.md", f"---\ntavus: true\n---\n{PRICING}")
    event = told_of("acme/pricing.md")

    assert door.tell(event) == [event["Records"][0]["messageId"]]
    assert door.tell(event) == []

    assert documents.register.call_count == 2
    assert door.unread() == {}


def test_one_companys_bug_is_not_anothers(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.drop("acme/pricing.md", PRICING)
    door.drop("globex/pricing.md", PRICING)
    event = told_of("acme/pricing.md", "globex/pricing.md")
    get = door.services.companies.get
    monkeypatch.setattr(
        door.services.companies, "get", lambda name: failing(RuntimeError("a bug"))() if name == "acme" else get(name)
    )

    assert door.tell(event) == [event["Records"][0]["messageId"]]
    assert door.sources(TenantScope.for_operator("globex")) == {"pricing.md"}


def test_while_another_ingestion_runs_one_waits_for_it(door: Door) -> None:
    door.drop("acme/pricing.md", PRICING)
    lease = door.services.leases.held(ACME)
    lease.__enter__()
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            lease.__exit__(None, None, None)

    door.services.inbox._pause = pause

    assert door.tell(told_of("acme/pricing.md")) == []
    assert len(waited) == 3
    assert door.sources() == {"pricing.md"}


def test_one_that_runs_for_too_long_is_left_alone_and_the_message_comes_again(door: Door) -> None:
    door.drop("acme/pricing.md", PRICING)
    event = told_of("acme/pricing.md")

    with door.services.leases.held(ACME):
        again = door.tell(event, seconds=inbox.RESERVE_SECONDS - 1)

    assert again == [event["Records"][0]["messageId"]]
    assert door.sources() == set()
    assert door.unread() == {}


def test_what_there_is_no_time_for_comes_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        door.drop(f"acme/{name}.md", f"{PRICING} {name}")
    event = told_of("acme/a.md", "acme/b.md", "acme/c.md")
    left = iter([900, 0])
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 1000 * next(left))

    again = door.tell(event)

    monkeypatch.undo()
    assert len(again) == 3
    assert door.sources() == {"a.md"}
    assert door.tell(event) == []
    assert door.sources() == {"a.md", "b.md", "c.md"}


def test_a_captioned_picture_and_a_page_that_shows_it_are_published(
    door: Door, clients: tuple[Any, Any], tmp_path: Any
) -> None:
    door.drop("acme/pictures/board.png", draw(tmp_path / "board.png").read_bytes())
    door.drop("acme/guide.md", "# Guide\n\n![The board with revenue by month](pictures/board.png)\n\nIt shows revenue.")

    assert door.tell(told_of("acme/guide.md")) == []

    published = {each["Key"] for each in clients[1].list_objects_v2(Bucket=MEDIA, Prefix="acme/")["Contents"]}
    assert {"acme/guide.html", "acme/pictures/board.png"} <= published


def test_the_list_forgets_after_thirty_days(services: Services, conversations_table: Any, clock: Any) -> None:
    listed = UnreadFiles(conversations_table, clock)
    listed.note(ACME, "x" * 1024, "failed", "broken")
    assert [each.source_id for each in listed.all(ACME)] == ["x" * 1024]

    clock.advance(KEPT_SECONDS + 1)

    assert listed.all(ACME) == []
