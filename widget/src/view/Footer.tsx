/** One line that says what one is talking with: in the company's words, and where those are foreign in ours first. */

import type { PublicProfile } from "../contract";
import { useForeign, useWords } from "./locale";

export function Footer({ profile }: { profile: PublicProfile }) {
  const words = useWords();
  const foreign = useForeign(profile);
  return (
    <p class="footer" part="disclosure">
      {foreign && `${words.withAi} `}
      <span lang={foreign} dir="auto">
        {profile.disclosure}
      </span>
    </p>
  );
}
