/** What the visitor agrees to by writing: a quiet line. */

import { linkAddress } from "../address";
import type { PublicProfile } from "../contract";
import { useWords } from "./locale";

type Consent = PublicProfile["consent"];

export function ConsentLine({ consent }: { consent: Consent }) {
  return (
    <p class="consent-line" dir="auto">
      {consent.text} <Privacy consent={consent} />
    </p>
  );
}

export function Privacy({ consent }: { consent: Consent }) {
  const words = useWords();
  const address = linkAddress(consent.privacyUrl);
  return address ? (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {words.privacy}
    </a>
  ) : null;
}
