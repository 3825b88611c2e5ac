/** Behind the three dots: language, theme, captions, the transcript, a new conversation, and the end of this one for good. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation } from "../conversation";
import { LANGUAGES } from "../languages/all";
import { primary } from "../languages/tags";
import { fill } from "../locale";
import { THEMES } from "../preferences";
import type { State } from "../state";
import { transcriptOf } from "../transcript";
import { useCopy } from "./copy";
import { Icon, type IconName } from "./Icon";
import { sheetOf } from "./lazy";
import { useWords } from "./locale";
import style from "./style/menu.css";

export const sheet = sheetOf(style);

interface Props {
  state: State;
  conversation: Conversation;
  onClose(): void;
}

export function Menu({ state, conversation, onClose }: Props) {
  const words = useWords();
  const menu = useRef<HTMLDivElement>(null);
  const [deleting, setDeleting] = useState(false);
  const { possible, copied, copy } = useCopy();
  const { profile, locale, theme, captions, items, call } = state;
  const said = items.length > 0;

  useLayoutEffect(() => menu.current?.querySelector<HTMLElement>("select, button")?.focus(), [deleting]);

  const after = (act: () => void) => () => {
    onClose();
    act();
  };

  if (deleting) {
    return (
      <Frame menu={menu} onClose={onClose}>
        <p class="what">
          <b>{words.deleteConversation}</b>
          {fill(words.deleteWhat, { name: profile?.displayName ?? "" })}
        </p>
        <div class="word">
          <button type="button" class="button small danger" onClick={after(() => void conversation.erase())}>
            {words.deleteNow}
          </button>
          <button type="button" class="button small quiet" onClick={() => setDeleting(false)}>
            {words.cancel}
          </button>
        </div>
      </Frame>
    );
  }
  return (
    <Frame menu={menu} onClose={onClose}>
      <label class="line">
        <span>{words.language}</span>
        <select value={primary(locale.tag)} onChange={(event) => void conversation.settings.setLanguage(event.currentTarget.value)}>
          <option value="en" lang="en">
            English
          </option>
          {Object.entries(LANGUAGES).map(([tag, { name }]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <div class="line" role="group" aria-label={words.theme}>
        <span>{words.theme}</span>
        <span class="choice">
          {THEMES.map((each) => (
            <button key={each} type="button" aria-pressed={each === theme} onClick={() => conversation.settings.setTheme(each)}>
              {words[each]}
            </button>
          ))}
        </span>
      </div>
      <button type="button" class="line" role="switch" aria-checked={captions} onClick={() => conversation.settings.toggleCaptions()}>
        <span>{words.captions}</span>
        <i class="switch" />
      </button>
      <hr />
      {possible && (
        <Entry
          icon={copied ? "check" : "copy"}
          label={copied ? words.copied : words.copyTranscript}
          disabled={!said}
          onPress={() => copy(transcriptOf(state))}
        />
      )}
      <Entry icon="save" label={words.saveTranscript} disabled={!said} onPress={() => save(transcriptOf(state), profile?.slug ?? "chat")} />
      <hr />
      <Entry icon="restart" label={words.newConversation} disabled={!said || call !== null} onPress={after(() => void conversation.startOver())} />
      <Entry icon="trash" label={words.deleteConversation} disabled={!said} danger onPress={() => setDeleting(true)} />
    </Frame>
  );
}

interface FrameProps {
  menu: { current: HTMLDivElement | null };
  onClose(): void;
  children: preact.ComponentChildren;
}

function Frame({ menu, onClose, children }: FrameProps) {
  const words = useWords();
  return (
    <>
      {/* A press beside the menu closes it; the keyboard has Escape. */}
      <div class="beside" onClick={onClose} />
      <div
        ref={menu}
        class="menu"
        role="dialog"
        aria-label={words.menu}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onClose();
        }}
      >
        {children}
      </div>
    </>
  );
}

interface EntryProps {
  icon: IconName;
  label: string;
  disabled: boolean;
  danger?: boolean;
  onPress(): void;
}

function Entry({ icon, label, disabled, danger = false, onPress }: EntryProps) {
  return (
    <button type="button" class={danger ? "line bad" : "line"} disabled={disabled} onClick={onPress}>
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}

function save(text: string, slug: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = `${slug}-conversation.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
}
