/** Face, name, one status line that tells the truth, and the way out. */

import { mediaAddress } from "../address";
import type { State } from "../state";
import { Icon } from "./Icon";
import { clock, useSeconds } from "./state";

interface Props {
  state: State;
  base: string;
  onRestart(): void;
  onClose: (() => void) | undefined;
}

export function Header({ state, base, onRestart, onClose }: Props) {
  const { profile, call } = state;
  const now = useSeconds(call?.phase === "live");
  const { words, tone } = status(state, now);
  return (
    <header class="header">
      {profile ? <Face name={profile.displayName} logo={mediaAddress(profile.branding.logoUrl, base)} /> : <i class="face" />}
      <div class="who">
        <h2 class="name">
          {profile?.displayName}
          {profile?.sample && <span class="tag">Sample</span>}
        </h2>
        <p class="status">
          <i class={`dot ${tone}`} />
          {words}
        </p>
      </div>
      {state.items.length > 0 && !call && (
        <button type="button" class="tool" aria-label="Start a new conversation" title="New conversation" onClick={onRestart}>
          <Icon name="restart" />
        </button>
      )}
      {onClose && (
        <button type="button" class="tool" aria-label="Close chat" title="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}

export function Face({ name, logo }: { name: string; logo?: string }) {
  return logo ? <img class="face" src={logo} alt="" /> : <span class="face" aria-hidden="true">{[...name][0]}</span>;
}

function status({ profile, profileError, call, relay, offline }: State, now: number): { words: string; tone: string } {
  if (offline) return { words: "Reconnecting…", tone: "off" };
  if (profileError) return { words: "Not available", tone: "bad" };
  if (!profile) return { words: "Connecting…", tone: "wait" };
  switch (call?.phase) {
    case "permission":
    case "creating":
    case "joining":
      return { words: "Connecting…", tone: "wait" };
    case "live":
      return call.interrupted
        ? { words: "Reconnecting…", tone: "wait" }
        : { words: `${call.mode === "video" ? "Video" : "Voice"} call · ${clock((now - (call.startedAt ?? now)) / 1000)}`, tone: "good" };
    default:
      return relay === "reconnecting"
        ? { words: "Reconnecting…", tone: "wait" }
        : { words: "AI assistant", tone: "good" };
  }
}
