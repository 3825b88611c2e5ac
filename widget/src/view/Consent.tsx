/** What the visitor agrees to by writing: a quiet line. */

import { linkAddress } from "../address";
import type { PublicProfile } from "../contract";
import { useForeign, useWords } from "./locale";

type Consent = PublicProfile["consent"];

export function ConsentLine({ profile }: { profile: PublicProfile }) {
  const words = useWords();
  const { consent } = profile;
  return (
    <p class="consent-line" dir="auto">
      <span lang={useForeign(profile)}>{consent.text}</span> {words.agreeByWriting} <Privacy consent={consent} />
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
