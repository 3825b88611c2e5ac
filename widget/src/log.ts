/** The log's items and how they become others. Items never change in place: views compare them by identity. */

import { type Reach, safeAnswer, safeCard } from "./address";
import type { Line } from "./channels/live";
import type { Answer, Card, Mode, SpokenTurn } from "./contract";
import { newId } from "./identity";
import { type AssistantTurn, EMPTY_ANSWER, type Item, type Rating } from "./state";

type Items = readonly Item[];

export function changed(items: Items, id: string, change: (answer: Answer) => Answer, status?: AssistantTurn["status"]): Items {
  return items.map((item) =>
    item.kind === "assistant" && item.id === id
      ? { ...item, status: status ?? item.status, answer: change(item.answer) }
      : item,
  );
}

export function rated(items: Items, id: string, rating: Rating | null): Items {
  return items.map((item) => (item.kind === "assistant" && item.id === id ? { ...item, rating } : item));
}

/** The server knows the answer by this id from now on. */
export function kept(items: Items, id: string): Items {
  return items.map((item) => (item.kind === "assistant" && item.id === id ? { ...item, rateable: true } : item));
}

/** What was asked, of an answer that failed or was stopped. */
export function questionOf(items: Items, id: string): string | null {
  const at = items.findIndex((item) => item.id === id);
  const item = items[at];
  if (item?.kind === "failure") return item.question;
  if (item?.kind !== "assistant" || item.status !== "stopped") return null;
  const asked = items.slice(0, at).findLast((each) => each.kind === "visitor");
  return asked?.kind === "visitor" ? asked.text : null;
}

export function replaced(items: Items, id: string, other: Item): Items {
  return items.map((item) => (item.id === id ? other : item));
}

export function without(items: Items, id: string): Items {
  return items.filter((item) => item.id !== id);
}

/** Puts an item before the one with this id. */
export function before(items: Items, id: string, item: Item): Items {
  const at = items.findIndex((each) => each.id === id);
  return items.toSpliced(at < 0 ? items.length : at, 0, item);
}

/** A line of a live call. It replaces its earlier form; a new one stands where it was said, or last. */
export function spoken(items: Items, { key, role, text, final, after }: Line): Items {
  const turn: Item =
    role === "visitor"
      ? { kind: "visitor", id: key, text }
      : { kind: "assistant", id: key, status: "spoken", answer: { ...EMPTY_ANSWER, text } };
  if (!text && final) return without(items, key); // nothing was understood
  if (items.some((item) => item.id === key)) return replaced(items, key, turn);
  const at = after ? items.findIndex((item) => item.id === after) : -1;
  return at < 0 ? [...items, turn] : items.toSpliced(at + 1, 0, turn);
}

/** A piece of an answer that arrives while the text still streams. */
export function shownIn(answer: Answer, card: Card): Answer {
  switch (card.kind) {
    case "image":
    case "clip":
      return { ...answer, shown: [...answer.shown, card] };
    case "sources":
      return { ...answer, citations: card.citations };
    default:
      return { ...answer, actions: [...answer.actions, card] };
  }
}

/** Whether the log shows this very card already. */
export function shows(items: Items, card: Card): boolean {
  const drawn = JSON.stringify(card);
  return cardsOf(items).some((each) => JSON.stringify(each) === drawn);
}

function cardsOf(items: Items): Card[] {
  return items.flatMap((item): Card[] => {
    if (item.kind === "card") return [item.card];
    return item.kind === "assistant" ? [...item.answer.shown, ...item.answer.actions] : [];
  });
}

/** Whether the log holds these words of the assistant already. */
export function says(items: Items, text: string): boolean {
  return items.some((item) => item.kind === "assistant" && item.answer.text === text);
}

/** Why a call of this mode began by itself, until anything but its own voice comes. */
export function reasonFor(items: Items, mode: Mode): string | null {
  const last = items.findLast((item) => item.kind !== "assistant" || item.status !== "spoken");
  return last?.kind === "notice" && last.onward === mode ? last.text : null;
}

/** The log of a conversation that the server remembers. */
export function remembered(turns: readonly SpokenTurn[], reach: Reach): Item[] {
  return turns.flatMap((turn): Item[] => {
    if (turn.role === "visitor") return turn.text ? [{ kind: "visitor", id: newId(), text: turn.text }] : [];
    const answer = safeAnswer({ ...EMPTY_ANSWER, ...turn.answer, text: turn.text }, reach);
    if (turn.text) {
      const { answerId, rating } = turn;
      return [{ kind: "assistant", id: answerId ?? newId(), status: "done", answer, rateable: answerId !== null, rating }];
    }
    // What was only shown, such as the sources of something said in a call.
    const cards: Card[] = [...answer.shown, ...answer.actions];
    if (answer.citations.length) cards.unshift({ kind: "sources", citations: answer.citations });
    return cards.map((card) => ({ kind: "card", id: newId(), card: safeCard(card, reach) }));
  });
}
