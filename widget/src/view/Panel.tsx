/** The panel: header, mode switch, what the mode shows, composer, disclosure. */

import { useEffect, useRef } from "preact/hooks";
import type { Conversation } from "../conversation";
import { isLive, offeredModes } from "../state";
import { Composer } from "./Composer";
import { focusedIn, focusIsLost, focusWithin } from "./focus";
import { Footer } from "./Footer";
import { Header } from "./Header";
import { Icon } from "./Icon";
import { Log } from "./Log";
import { LiveMode } from "./LiveMode";
import { ModeSwitch } from "./ModeSwitch";
import { ReadingBar } from "./ReadingBar";
import { Starters } from "./Starters";
import { useConversation } from "./state";

interface Props {
  conversation: Conversation;
  base: string;
  inline: boolean;
  close(): void;
}

export function PanelView({ conversation, base, inline, close }: Props) {
  const state = useConversation(conversation);
  const panel = useRef<HTMLElement>(null);
  const { profile, call } = state;
  const calling = call !== null && call.phase !== "consent";
  const written = !isLive(state.mode);
  const typing = written || call?.phase === "live";
  const modes = offeredModes(profile);

  useFocus(panel, profile !== null, `${state.mode} ${call?.phase}`);

  const onKeyDown = (event: KeyboardEvent) => {
    // A stray Escape must not hang up: a call is ended by its own button.
    if (event.key !== "Escape" || event.defaultPrevented || inline || calling) return;
    event.stopPropagation();
    close();
  };

  return (
    <section
      ref={panel}
      class="panel"
      part="panel"
      role={inline ? "region" : "dialog"}
      aria-label={profile ? `Chat with ${profile.displayName}` : "Chat"}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <Header
        state={state}
        base={base}
        onRestart={() => void conversation.startOver()}
        onClose={inline ? undefined : close}
      />
      {modes.length > 1 && (
        <ModeSwitch modes={modes} mode={state.mode} onChoose={(mode) => conversation.setMode(mode)} />
      )}
      {!profile ? (
        <Arriving error={state.profileError} onRetry={() => void conversation.start()} />
      ) : (
        <>
          {call && conversation.call && (
            <LiveMode call={call} verbs={conversation.call} profile={profile} relay={state.relay} conversation={conversation} />
          )}
          {(written || call?.transcript) && (
            <Log state={state} profile={profile} conversation={conversation} />
          )}
          {state.items.length === 0 && written && (
            <Starters starters={profile.starters} onChoose={(starter) => void conversation.ask(starter)} />
          )}
          {state.mode === "tts" && <ReadingBar reading={state.reading} conversation={conversation} />}
          {typing && (
            <Composer
              key={state.mode}
              placeholder={
                call ? "Type to the call" : state.items.length ? "Ask a follow-up" : "Ask a question"
              }
              answering={state.answering !== null}
              onTyping={() => conversation.typing()}
              onSend={(text) => void conversation.ask(text)}
              onStop={() => conversation.stop()}
            />
          )}
          <Footer disclosure={profile.disclosure} />
        </>
      )}
      <div class="unseen" aria-live="polite">
        {state.announcement}
      </div>
    </section>
  );
}

function useFocus(panel: { current: HTMLElement | null }, loaded: boolean, view: string): void {
  const drawn = useRef(view);
  useEffect(() => {
    // Waiting for the profile the panel itself held the focus; now there is a composer.
    if (panel.current && focusedIn(panel.current) === panel.current) focusWithin(panel.current);
  }, [loaded]);
  useEffect(() => {
    if (drawn.current !== view && panel.current && focusIsLost(panel.current)) focusWithin(panel.current);
    drawn.current = view;
  }, [view]);
}

function Arriving({ error, onRetry }: { error: string | null; onRetry(): void }) {
  if (!error) {
    return (
      <div class="arriving" aria-busy="true" aria-label="Loading">
        <i class="bone wide" />
        <i class="bone" />
        <i class="bone short" />
      </div>
    );
  }
  return (
    <div class="arriving failed" role="alert">
      <span class="medal bad">
        <Icon name="alert" />
      </span>
      <p>{error}</p>
      <button type="button" class="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
