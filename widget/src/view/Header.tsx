/** Face, name, one status line that tells the truth, the menu, and the way out. */

import { useContext } from "preact/hooks";
import { mediaAddress } from "../address";
import { clock, fill, type Locale } from "../locale";
import type { State } from "../state";
import { Icon } from "./Icon";
import { LocaleContext } from "./locale";
import { useSeconds } from "./state";

interface Props {
  state: State;
  base: string;
  menuOpen: boolean;
  onMenu(): void;
  onClose: (() => void) | undefined;
}

export function Header({ state, base, menuOpen, onMenu, onClose }: Props) {
  const { profile, call } = state;
  const locale = useContext(LocaleContext);
  const now = useSeconds(call?.phase === "live");
  const { said, tone } = status(state, now, locale);
  const { words } = locale;
  return (
    <div class="header" part="header">
      {profile ? <Face name={profile.displayName} logo={mediaAddress(profile.branding.logoUrl, base)} /> : <i class="face" />}
      <div class="who">
        {profile ? (
          <h2 class="name">
            <span>{profile.displayName}</span>
            {profile.sample && <span class="tag">{words.sample}</span>}
          </h2>
        ) : (
          <p class="name" />
        )}
        <p class="status">
          <i class={`dot ${tone}`} />
          {said}
        </p>
      </div>
      {profile && (
        <button type="button" class="tool menu-button" aria-label={words.menu} title={words.menu} aria-expanded={menuOpen} onClick={onMenu}>
          <Icon name="more" filled />
        </button>
      )}
      {onClose && (
        <button type="button" class="tool" aria-label={words.closeChat} title={words.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

export function Face({ name, logo }: { name: string; logo?: string }) {
  return logo ? <img class="face" src={logo} alt="" /> : <span class="face" aria-hidden="true">{[...name][0]}</span>;
}

function status(state: State, now: number, locale: Locale): { said: string; tone: string } {
  const { profile, profileError, call, relay, offline } = state;
  const { words } = locale;
  if (offline) return { said: words.offline, tone: "off" };
  if (profileError) return { said: words.notAvailable, tone: "bad" };
  if (!profile) return { said: words.connecting, tone: "wait" };
  switch (call?.phase) {
    case "permission":
    case "creating":
    case "joining":
      return { said: words.connecting, tone: "wait" };
    case "live": {
      if (call.interrupted) return { said: words.reconnecting, tone: "wait" };
      const time = clock((now - (call.startedAt ?? now)) / 1000, locale);
      return { said: fill(call.mode === "video" ? words.videoCall : words.voiceCall, { time }), tone: "good" };
    }
    default:
      return relay === "reconnecting" ? { said: words.reconnecting, tone: "wait" } : { said: words.aiAssistant, tone: "good" };
  }
}
