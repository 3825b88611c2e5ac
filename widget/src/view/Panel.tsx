/** The panel: header, mode switch, what the mode shows, composer, disclosure. */

import { useRef, useState } from "preact/hooks";
import type { Conversation } from "../conversation";
import { fill } from "../locale";
import { isLive, offeredModes } from "../state";
import { Composer } from "./Composer";
import { ConsentLine } from "./Consent";
import { keepTabWithin, useFocus } from "./focus";
import { Footer } from "./Footer";
import { Header } from "./Header";
import { Icon } from "./Icon";
import { usePart } from "./lazy";
import { LocaleContext, useWords } from "./locale";
import { Log } from "./Log";
import { ModeSwitch } from "./ModeSwitch";
import { ReadingBar } from "./ReadingBar";
import { Starters } from "./Starters";
import { useConversation, useSheet } from "./state";

interface Props {
  conversation: Conversation;
  base: string;
  inline: boolean;
  close(): void;
}

const loadMenu = () => import("./Menu");
const loadLiveMode = () => import("./LiveMode");

export function PanelView({ conversation, base, inline, close }: Props) {
  const state = useConversation(conversation);
  const panel = useRef<HTMLElement>(null);
  const { profile, call } = state;
  const calling = call !== null && call.phase !== "consent";
  const written = !isLive(state.mode);
  const connecting = calling && call.phase !== "live";
  // Who waits for a call may type meanwhile: its vendor may not answer for seconds, and text does.
  const typing = written || calling;
  const modes = offeredModes(profile);

  const { words, tag, direction } = state.locale;
  const [menuOpen, setMenuOpen] = useState(false);
  const [typedAhead, setTypedAhead] = useState(false);
  const menu = usePart(loadMenu, menuOpen);
  const live = usePart(loadLiveMode, !written);
  const sheet = useSheet() && !inline;

  useFocus(panel, profile !== null, `${state.mode} ${call?.phase}`);

  const closeMenu = () => {
    setMenuOpen(false);
    panel.current?.querySelector<HTMLElement>(".menu-button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (sheet && event.key === "Tab" && panel.current) keepTabWithin(panel.current, event);
    // A stray Escape must not hang up: a call is ended by its own button.
    if (event.key !== "Escape" || event.defaultPrevented || inline || calling) return;
    event.stopPropagation();
    close();
  };

  return (
    <LocaleContext.Provider value={state.locale}>
    <section
      ref={panel}
      lang={tag}
      dir={direction}
      class="panel"
      part="panel"
      role={inline ? "region" : "dialog"}
      aria-modal={sheet || undefined}
      aria-label={profile ? fill(words.chatWith, { name: profile.displayName }) : words.chat}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <Header
        state={state}
        base={base}
        menuOpen={menuOpen}
        onMenu={() => setMenuOpen(!menuOpen)}
        onClose={inline ? undefined : close}
      />
      {menu && <menu.Menu state={state} conversation={conversation} onClose={closeMenu} />}
      {modes.length > 1 && (
        <ModeSwitch modes={modes} mode={state.mode} onChoose={(mode) => conversation.setMode(mode)} />
      )}
      {!profile ? (
        <Arriving error={state.profileError} onRetry={() => void conversation.start()} />
      ) : (
        <>
          {!written &&
            (live && call && conversation.call ? (
              <live.LiveMode call={call} verbs={conversation.call} state={state} conversation={conversation} />
            ) : (
              <Bones label={words.loading} />
            ))}
          {(written || call?.transcript || (connecting && typedAhead)) && (
            <Log state={state} profile={profile} conversation={conversation} />
          )}
          {state.items.length === 0 && written && (
            <>
              <Starters profile={profile} onChoose={(starter) => void conversation.write(starter)} />
              {/* Beside what it is about, and in sight however small the window is. */}
              <ConsentLine profile={profile} />
            </>
          )}
          {state.mode === "tts" && (
            <ReadingBar
              reading={state.reading}
              answered={state.items.some((item) => item.kind === "assistant" && item.status === "done")}
              conversation={conversation}
            />
          )}
          {typing && (
            <Composer
              key={state.mode}
              placeholder={
                call && !connecting ? words.typeToCall : state.items.length ? words.askFollowUp : words.askQuestion
              }
              answering={state.answering !== null}
              onTyping={() => conversation.reading.hush()}
              onSend={(text) => {
                setTypedAhead(connecting);
                void conversation.write(text);
              }}
              onStop={() => conversation.stop()}
            />
          )}
          <Footer profile={profile} />
        </>
      )}
      <div class="unseen" aria-live="polite">
        {state.announcement}
      </div>
    </section>
    </LocaleContext.Provider>
  );
}

function Arriving({ error, onRetry }: { error: string | null; onRetry(): void }) {
  const words = useWords();
  if (!error) return <Bones label={words.loading} />;
  return (
    <div class="arriving failed" role="alert">
      <span class="medal bad">
        <Icon name="alert" />
      </span>
      <p>{error}</p>
      <button type="button" class="button" onClick={onRetry}>
        {words.tryAgain}
      </button>
    </div>
  );
}

/** Where something is on its way. */
function Bones({ label }: { label: string }) {
  return (
    <div class="arriving" role="status" aria-label={label}>
      <i class="bone wide" />
      <i class="bone" />
      <i class="bone short" />
    </div>
  );
}
