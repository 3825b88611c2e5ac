"""Fills the local run: tables, bucket, and the sample companies when their content has changed."""

import hashlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from aisdr.company import Companies
from aisdr.home import Home, Homes
from aisdr.settings import Settings
from aisdr.table import Table
from aisdr.table.schema import create_tables
from aisdr.tenant import TenantScope
from dev.environment import ROOT, imitates_tavus

EXAMPLES = ROOT / "examples"
# What decides how content becomes an index: a change here makes every stamp stale.
MAKERS = ("aisdr/ingest", "aisdr/index", "aisdr/inference/minilm.py", "scripts/ingest", "scripts/seed.py")


class ContentError(Exception):
    """An operator command refused; the message is what it said."""


class Content:
    """The stores of the local run, as its functions will find them under `environment`."""

    def __init__(self, environment: Mapping[str, str], stamps: Path, examples: Path = EXAMPLES) -> None:
        self.environment = environment
        self.stamps = stamps
        self.examples = examples
        self.dynamodb = self._client("dynamodb")
        self.s3 = self._client("s3")
        settings = Settings.from_environment(environment)
        new = Home(settings.search_engine, settings.embedder, settings.picture_embedder)
        self.homes = Homes(Table(self.dynamodb, settings.companies_table), new)

    def prepare(self) -> None:
        """Creates what is missing. Safe to repeat."""
        environment = self.environment
        create_tables(self.dynamodb, environment["AISDR_COMPANIES_TABLE"], environment["AISDR_CONVERSATIONS_TABLE"])
        bucket = environment["AISDR_MEDIA_BUCKET"]
        if bucket not in {each["Name"] for each in self.s3.list_buckets()["Buckets"]}:
            self.s3.create_bucket(Bucket=bucket)

    def fill(self) -> Iterator[str]:
        """Yields the summary line of every command that ran; nothing, when all is as it was.

        Raises:
            ContentError: a company could not be seeded or ingested.
        """
        folders = sorted(path.parent for path in self.examples.glob("*/company.toml"))
        with ThreadPoolExecutor(2) as pool:
            for lines in pool.map(self._fill_one, folders):
                yield from lines

    def provision(self) -> None:
        """Gives every sample company an avatar of its own at the Tavus look-alike, which forgets them when it stops.

        Raises:
            ContentError: a company could not be provisioned.
        """
        folders = [path.parent for path in sorted(self.examples.glob("*/company.toml"))]
        slugs = [_named(each, "slug") for each in folders if _named(each, "tavusReplicaId")]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda slug: self._command("provision", slug, "--create", "--yes"), slugs))

    def _wanted(self, folder: Path) -> str:
        """Another Tavus knows other PALs: a company then begins with what its file says."""
        return f"{_digest(folder)} {'look-alike' if imitates_tavus(self.environment) else 'tavus'}"

    def _fill_one(self, folder: Path) -> list[str]:
        stamp, wanted = self.stamps / f"{folder.name}.stamp", self._wanted(folder)
        company_id = _named(folder, "companyId")
        lives_here = self._lives_here(company_id)
        if stamp.exists() and stamp.read_text() == wanted and lives_here and self._is_stored(company_id):
            return []
        lines = [self._run("seed", folder)]
        if not lives_here:
            self.homes.settle(TenantScope.for_operator(company_id), self.homes.new)
        lines.append(self._run("ingest", self._with_further_sources(folder)))
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted)
        return lines

    def _with_further_sources(self, folder: Path) -> Path:
        """The folder itself, or a copy that the files named in its `also.txt` have joined."""
        further = _further_sources(folder)
        if not further:
            return folder
        whole = self.stamps / f"{folder.name}-whole"
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(folder, whole)
        for source in further:
            target = whole / "knowledge" / "project" / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        return whole

    def _lives_here(self, company_id: str) -> bool:
        """A run with another search engine may have taken the company along; its files are here, so it begins anew."""
        residence = self.homes.residence(TenantScope.for_operator(company_id)) if company_id else None
        return residence is not None and residence.home.engine == self.homes.new.engine

    def _is_stored(self, company_id: str) -> bool:
        """A stamp says what we did; whether the emulator still has it (it may have been ended hard), only it knows."""
        environment = self.environment
        companies = Companies(Table(self.dynamodb, environment["AISDR_COMPANIES_TABLE"]))
        if not company_id or companies.stored(company_id) is None:
            return False
        media = self.s3.list_objects_v2(Bucket=environment["AISDR_MEDIA_BUCKET"], Prefix=f"{company_id}/", MaxKeys=1)
        return bool(media.get("Contents"))

    def _run(self, verb: str, folder: Path) -> str:
        shown = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
        lines = self._command(verb, str(shown)).splitlines()
        return next((line for line in reversed(lines) if line.strip()), f"{folder.name}: {verb} done")

    def _command(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "scripts", *arguments]
        done = subprocess.run(command, env=dict(self.environment), cwd=ROOT, capture_output=True, text=True)  # nosec B603  # our own command, no shell
        if done.returncode != 0:
            raise ContentError(f"`aisdr {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _client(self, service: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.environment[f"AWS_ENDPOINT_URL_{service.upper()}"],
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(connect_timeout=5, read_timeout=20),
        )


def _further_sources(folder: Path) -> list[Path]:
    """Raises: ContentError, when a line names no file."""
    listed = folder / "also.txt"
    lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
    sources = [ROOT / line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for source in sources:
        if not source.is_file():
            raise ContentError(f"{listed.relative_to(ROOT)} names {source.relative_to(ROOT)}, which is no file")
    return sources


def _named(folder: Path, key: str) -> str:
    """Empty when the file does not say: `aisdr seed` then tells the person what is wrong with it."""
    try:
        return str(tomllib.loads((folder / "company.toml").read_text("utf-8")).get(key, ""))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    made_by = [(ROOT, _files(ROOT / maker)) for maker in MAKERS]
    for base, files in [(folder, _files(folder)), (ROOT, _further_sources(folder)), *made_by]:
        for path in files:
            digest.update(str(path.relative_to(base)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
