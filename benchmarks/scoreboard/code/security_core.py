"""Which functions are the security core, which tests are theirs, and where no change of them may go unnoticed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Core:
    """Functions of one file, as `Class.method` or `function`; with `strict` every mutant must be caught."""

    file: str
    functions: tuple[str, ...]
    strict: bool = False


@dataclass(frozen=True)
class Group:
    """What is mutated together, and the fast tests that are about it."""

    name: str
    cores: tuple[Core, ...]
    tests: tuple[str, ...]


GROUPS = (
    Group(
        "tenants",
        (
            Core("aisdr/tenant.py", ("TenantScope.__post_init__", "mark_of", "mark"), strict=True),
            Core("aisdr/trespass.py", ("check_marks",), strict=True),
            Core("aisdr/index/opensearch_layout.py", ("alias_of", "company_filter"), strict=True),
            Core(
                "aisdr/index/opensearch_query.py",
                ("Question._words", "Question._nearest", "Question._counted", "_filters"),
                strict=True,
            ),
            Core("aisdr/index/embedded.py", ("EmbeddedIndex._company",), strict=True),
            Core("aisdr/index/embedded_files.py", ("file_of", "CompanyFiles._about"), strict=True),
            Core("aisdr/index/embedded_files.py", ("CompanyFiles._check",)),
            Core("aisdr/index/opensearch_documents.py", ("Documents.found",)),
            Core("aisdr/index/opensearch_indices.py", ("Indices._check",)),
            Core("aisdr/knowledge/hybrid.py", ("_check_own",), strict=True),
            Core("aisdr/media_links.py", ("base_url", "MediaLinks.address")),
        ),
        (
            "tests/index/test_walls.py",
            "tests/index/test_tenants.py",
            "tests/index/test_embedded.py",
            "tests/knowledge/test_trespass.py",
            "tests/test_media_links.py",
            "tests/test_tenant.py::test_nobody_makes_a_scope_by_hand",
            "tests/test_tenant.py::test_a_scope_is_as_good_as_its_company_and_no_scope_is_nobodys",
        ),
    ),
    Group(
        "tokens",
        (
            Core(
                "aisdr/session.py",
                (
                    "Sessions.__init__",
                    "Sessions.draft",
                    "Sessions.issue",
                    "Sessions.authenticate",
                    "Sessions.redeem",
                    "Sessions.get",
                    "Sessions.end",
                    "Sessions.seconds_for_a_call",
                    "Sessions._open_session",
                ),
            ),
            Core(
                "aisdr/tokens.py",
                (
                    "Signer.__init__",
                    "Signer.sign",
                    "Signer.verify",
                    "Signer.capability",
                    "Signer.read_capability",
                    "Signer._digest",
                    "_is_sound",
                ),
            ),
            Core("aisdr/session.py", ("_check_website",), strict=True),
            Core("aisdr/company.py", ("Company.allows", "Company.with_calls_within"), strict=True),
            Core("aisdr/reception.py", ("Reception._check_origin",), strict=True),
            Core("aisdr/edge.py", ("Edge.check",)),
        ),
        (
            "tests/test_session.py",
            "tests/test_session_forgeries.py",
            "tests/test_session_keys_and_ends.py",
            "tests/test_tokens.py",
            "tests/test_company.py",
            "tests/test_origin.py",
            "tests/test_edge.py::test_what_does_not_bring_the_key_is_refused",
            "tests/test_edge.py::test_every_key_is_accepted_so_that_it_can_be_changed",
            "tests/test_edge.py::test_without_keys_everybody_may_come",
        ),
    ),
    Group(
        "ledger",
        (
            Core(
                "aisdr/ledger.py",
                ("Ledger._take", "Ledger._close", "Ledger._move", "Ledger._same", "_in_states"),
                strict=True,
            ),
            Core("aisdr/budget.py", ("take", "correct"), strict=True),
        ),
        (
            "tests/test_ledger.py",
            "tests/test_ledger_networks.py",
            "tests/test_ledger_settling.py",
            "tests/test_ledger_states.py",
            "tests/test_ledger_conditions.py",
        ),
    ),
    Group(
        "addresses",
        (
            Core("aisdr/addresses.py", ("is_public", "is_private", "may_be_asked", "judged", "unwrapped")),
            Core("aisdr/outbound.py", ("Outbound.post", "Outbound._address")),
            Core("aisdr/ingest/url.py", ("Url.parse", "Url.joined", "_host", "_ip", "_without_dots")),
        ),
        (
            "tests/test_outbound.py",
            "tests/ingest/test_url.py",
            "tests/ingest/test_fetch.py",
            "tests/ingest/test_fetch_places.py",
        ),
    ),
)
