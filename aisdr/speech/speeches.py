"""Reads answers aloud: with the company's narrator, else with the other one, and never the same sentence twice."""

from collections.abc import Mapping

from aisdr.audit import by_session, refusals
from aisdr.company import Company
from aisdr.errors import AisdrError, Forbidden, InvalidInput, LimitReached, NotConfigured, VendorError
from aisdr.knowledge.citation import without_marks
from aisdr.metrics import STEP_DOWNS, count
from aisdr.observability import about, logger
from aisdr.session import Session
from aisdr.speech.allowance import Allowance
from aisdr.speech.base import Audio, Narrator, unavailable
from aisdr.speech.recordings import Recordings
from aisdr.usage import Usages


class Speeches:
    """Everything that is read aloud on the server."""

    def __init__(
        self, narrators: Mapping[str, Narrator], recordings: Recordings, allowance: Allowance, usages: Usages
    ) -> None:
        self._narrators = narrators
        self._recordings = recordings
        self._allowance = allowance
        self._usages = usages

    def speak(self, company: Company, session: Session, text: str, language: str) -> Audio:
        """`language` is a tag such as `en-US` or `en`.

        Raises:
            Forbidden: the company does not read aloud.
            InvalidInput: there is nothing to say, or nobody speaks the language.
            LimitReached: this conversation has had enough read aloud for a minute, or the company's money of the day is
                spent. A browser then uses a voice of its own.
            VendorError: `speech_unavailable`; a browser then uses a voice of its own.
        """
        about(mode="tts")
        if not company.offers("tts"):
            raise Forbidden("The mode 'tts' is not enabled for this company", code="mode_not_enabled")
        words = without_marks(text).strip()
        if not words:
            raise InvalidInput("'text' holds nothing that could be said")
        speakers = [
            (narrator, sound)
            for narrator in self._order(company)
            if (sound := narrator.sound(company.speech, language))
        ]
        if not speakers:
            raise InvalidInput(
                f"'language' {language} is spoken by none of our voices; use the browser's own", code="language_unknown"
            )
        allowed = False
        for narrator, sound in speakers:
            known = self._recordings.get(session.scope, sound, words)
            if known is not None:
                return known
            if not allowed:
                self._allow(company, session, len(words), narrator)
                allowed = True
            try:
                audio = narrator.speak(company.speech, words, language)
            except (VendorError, NotConfigured) as error:
                _log(company, narrator, error)
                count(STEP_DOWNS, 1, company_id=company.company_id)  # another voice, or the browser's own
            else:
                self._usages.record_speech(session, narrator.name, len(words), company.speech.price)
                self._recordings.put(session.scope, sound, words, audio)
                return audio
        raise unavailable(company.speech.provider)

    def _allow(self, company: Company, session: Session, characters: int, narrator: Narrator) -> None:
        who = by_session(session.session_id)
        with refusals("budget.spend", company_id=company.company_id, who=who, on="speech"):
            if self._usages.spent(company):
                raise LimitReached("Today's money for speech is spent; the text stays readable", code="speech_limit")
            self._allowance.take(session, characters, narrator.name)

    def _order(self, company: Company) -> list[Narrator]:
        """The company's own choice first."""
        chosen = company.speech.provider
        return sorted(self._narrators.values(), key=lambda narrator: narrator.name != chosen)


def _log(company: Company, narrator: Narrator, error: AisdrError) -> None:
    logger.error(
        "speech failed",
        company_id=company.company_id,
        narrator=narrator.name,
        code=error.code,
        cause=str(error.__cause__ or error)[:200],
    )
