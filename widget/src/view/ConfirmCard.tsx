/** The exact values that would be written down, open to correction, with the visitor's word: confirm or not now. */

import { useContext, useRef } from "preact/hooks";
import type { ConfirmCard, FormField } from "../contract";
import type { Conversation } from "../conversation";
import { type Confirmation, OPEN_CONFIRMATION } from "../state";
import { primary } from "../languages/tags";
import { fill } from "../locale";
import { worded } from "../worded";
import { Field, valuesOf } from "./Field";
import { Icon } from "./Icon";
import { LocaleContext, useWords } from "./locale";
import { useConversation } from "./state";

export function ConfirmCardView({ card: given, conversation }: { card: ConfirmCard; conversation: Conversation }) {
  const { confirmations, profile } = useConversation(conversation);
  const { words, tag } = useContext(LocaleContext);
  const card = worded(given, words, profile?.displayName ?? "");
  const form = useRef<HTMLFormElement>(null);
  const { status, error, wrong } = confirmations[card.confirmationId] ?? OPEN_CONFIRMATION;
  if (status !== "open" && status !== "sending") return <Closed title={card.title} status={status} />;

  const sending = status === "sending";
  // What nobody has said yet would only be in the way, above all under a call.
  const known = card.fields.filter(({ required, value }) => required || value);
  const rest = card.fields.filter((field) => !known.includes(field));
  // German nouns keep their capitals.
  const missing = rest.map(({ label }) => (primary(tag) === "de" ? label : label.toLocaleLowerCase(tag)));
  const draw = (field: FormField) => (
    <Field
      key={field.name}
      {...field}
      disabled={sending}
      error={field.name === wrong ? (error ?? words.checkValue) : null}
    />
  );
  const answer = (accept: boolean) => {
    if (!form.current || sending) return;
    if (accept && !form.current.reportValidity()) return;
    void conversation.confirm(card, accept, valuesOf(form.current));
  };

  return (
    <form
      ref={form}
      class="card form"
      aria-label={card.title}
      aria-busy={sending}
      onSubmit={(event) => {
        event.preventDefault();
        answer(true);
      }}
    >
      <h3 dir="auto">{card.title}</h3>
      {known.map(draw)}
      {rest.length > 0 && (
        <details class="rest" open={rest.some(({ name }) => name === wrong)}>
          <summary>{fill(words.addMore, { fields: missing.join(", ") })}</summary>
          {rest.map(draw)}
        </details>
      )}
      {card.note && <p class="notice" dir="auto">{card.note}</p>}
      {error && !wrong && (
        <p class="notice bad" role="alert">
          {error}
        </p>
      )}
      <div class="answers">
        <button type="submit" class="button primary small" aria-disabled={sending}>
          {sending ? words.sending : words.confirm}
        </button>
        <button type="button" class="button small quiet" aria-disabled={sending} onClick={() => answer(false)}>
          {words.notNow}
        </button>
      </div>
    </form>
  );
}

function Closed({ title, status }: { title: string; status: Exclude<Confirmation["status"], "open" | "sending"> }) {
  const words = useWords();
  const good = status === "confirmed";
  return (
    <div class="card action">
      <span class={good ? "medal small good" : "medal small"}>
        <Icon name={good ? "check" : "close"} />
      </span>
      <p>
        <b dir="auto">{title}</b>
        <span class="whole">{words[status]}</span>
      </p>
    </div>
  );
}
