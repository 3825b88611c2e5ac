/** The conversation, newest at the end. It follows a new answer until the visitor scrolls away. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PublicProfile } from "../contract";
import type { Conversation } from "../conversation";
import type { CallSummary, Failure, Item, Letter, Notice, State } from "../state";
import { fill } from "../locale";
import { CardSlot, loadCards } from "./CardSlot";
import { ConsentLine } from "./Consent";
import { Icon } from "./Icon";
import { usePart } from "./lazy";
import { useClock, useForeign, useWords } from "./locale";
import { Message } from "./Message";
import { Visitor } from "./Visitor";

interface Props {
  state: State;
  profile: PublicProfile;
  conversation: Conversation;
}

export function Log({ state, profile, conversation }: Props) {
  const words = useWords();
  const { view, content, below, onScroll, jump } = useFollowing(state.items);
  const empty = state.items.length === 0;
  const foreign = useForeign(profile);
  return (
    <div class="log-frame">
      <div ref={view} class="log" part="log" role="region" aria-label={words.conversation} tabIndex={0} data-below={below} onScroll={onScroll}>
        <div ref={content} class={empty ? "talk empty" : "talk"}>
          <div class="greeting" lang={foreign}>
            <p dir="auto">{profile.greeting}</p>
            {empty && profile.shortDescription && <p class="about" dir="auto">{profile.shortDescription}</p>}
          </div>
          {!empty && <ConsentLine profile={profile} />}
          {state.items.map((item) => (
            <Entry key={item.id} item={item} conversation={conversation} />
          ))}
        </div>
      </div>
      {below && (
        <button type="button" class="jump" aria-label={words.jump} onClick={jump}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

/** Items never change in place, so a drawn entry stands until its item is another, or its language. */
function Entry({ item, conversation }: { item: Item; conversation: Conversation }) {
  const words = useWords();
  return useMemo(() => draw(item, conversation), [item, conversation, words]);
}

function draw(item: Item, conversation: Conversation) {
  switch (item.kind) {
    case "visitor":
      return <Visitor text={item.text} />;
    case "assistant":
      return <Message turn={item} conversation={conversation} />;
    case "card":
      return <CardSlot card={item.card} conversation={conversation} />;
    case "notice":
      return <NoticeLine notice={item} conversation={conversation} />;
    case "failure":
      return <FailureLine failure={item} onRetry={() => void conversation.retry(item.id)} />;
    case "call":
      return <CallLine call={item} />;
    case "consent": {
      const { profile } = conversation.state;
      return profile && <ConsentLine profile={profile} />;
    }
    case "letter":
      return <LetterSlot letter={item} conversation={conversation} />;
  }
}

function FailureLine({ failure, onRetry }: { failure: Failure; onRetry(): void }) {
  const words = useWords();
  return (
    <div class="failure" role="group" aria-label={words.error}>
      <Icon name="alert" />
      <p dir="auto">{failure.message}</p>
      {failure.again && (
        <button type="button" class="button small" onClick={onRetry}>
          {words.tryAgain}
        </button>
      )}
    </div>
  );
}

function CallLine({ call }: { call: CallSummary }) {
  const words = useWords();
  const time = useClock()(call.seconds);
  return (
    <p class="divider">
      <Icon name={call.mode === "video" ? "video" : "microphone"} />
      {fill(call.mode === "video" ? words.videoLasted : words.voiceLasted, { time })}
    </p>
  );
}

function NoticeLine({ notice, conversation }: { notice: Notice; conversation: Conversation }) {
  const words = useWords();
  const { text, hint, again, onward } = notice;
  if (!onward) {
    return (
      <p class="notice" dir="auto">
        {text}
      </p>
    );
  }
  return (
    <div class="failure" role="group" aria-label={words.error}>
      <Icon name="alert" />
      <div>
        <p dir="auto">{text}</p>
        {hint && (
          <p class="notice" dir="auto">
            {hint}
          </p>
        )}
        {again && (
          <button type="button" class="button small" onClick={() => conversation.setMode(again)}>
            {again === "video" ? words.tryVideo : words.tryVoice}
          </button>
        )}
      </div>
    </div>
  );
}

function LetterSlot({ letter, conversation }: { letter: Letter; conversation: Conversation }) {
  const cards = usePart(loadCards, true);
  return cards && <cards.LetterForm letter={letter} question={lastQuestion(conversation)} onSend={(values) => conversation.sendLetter(values)} />;
}

function lastQuestion(conversation: Conversation): string {
  const asked = conversation.state.items.findLast((item) => item.kind === "visitor");
  return asked?.kind === "visitor" ? asked.text : "";
}

/** Keeps the last question, or the form that waits for the visitor, at the top edge at most: both are read from there. */
function useFollowing(items: readonly Item[]) {
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const placed = useRef(0);
  const [below, setBelow] = useState(false);
  const questions = items.filter((item) => item.kind === "visitor").length;

  const lookBelow = (log: HTMLElement) => {
    const rest = log.scrollHeight - log.clientHeight - log.scrollTop;
    setBelow(rest > 72);
    log.dataset.more = String(rest > 8);
  };
  const place = () => {
    const log = view.current;
    if (!log) return;
    const bottom = log.scrollHeight - log.clientHeight;
    if (following.current) {
      const anchor = [...log.querySelectorAll<HTMLElement>(".visitor, form, .failure")].at(-1);
      placed.current = Math.max(0, Math.min(bottom, anchor ? anchor.offsetTop - 12 : 0));
      log.scrollTop = placed.current;
    }
    lookBelow(log);
  };

  useEffect(() => {
    following.current = true;
    place();
  }, [questions]);
  useEffect(() => {
    const sizes = new ResizeObserver(place);
    if (content.current) sizes.observe(content.current);
    if (view.current) sizes.observe(view.current);
    return () => sizes.disconnect();
  }, []);

  const onScroll = () => {
    const log = view.current;
    if (!log) return;
    const bottom = log.scrollHeight - log.clientHeight;
    // Our own placing scrolls too, and so does a log that became shorter; only what is left is the visitor's hand.
    if (Math.abs(log.scrollTop - Math.min(placed.current, bottom)) > 4) following.current = false;
    lookBelow(log);
  };
  const jump = () => {
    view.current?.scrollTo({ top: view.current.scrollHeight, behavior: "smooth" });
  };
  return { view, content, below, onScroll, jump };
}
