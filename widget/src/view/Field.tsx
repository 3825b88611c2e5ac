/** One labelled value of a form, with what is wrong about it. */

import { useEffect, useId, useRef } from "preact/hooks";
import type { FormField } from "../contract";
import { useWords } from "./locale";

interface Props extends FormField {
  disabled: boolean;
  error: string | null;
}

const FILLED: Record<string, string> = { name: "name", email: "email", phone: "tel", company: "organization" };
const LONGEST = 2000;

export function Field({ name, label, value, kind, required, disabled, error }: Props) {
  const words = useWords();
  const id = useId();
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useEffect(() => {
    if (error) box.current?.focus();
  }, [error]);
  const shared = {
    ref: box,
    id,
    name,
    required,
    disabled,
    defaultValue: value,
    dir: "auto" as const,
    maxLength: LONGEST,
    "aria-invalid": error !== null,
    ...(error && { "aria-describedby": `${id}-wrong` }),
  };
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!required && <span> {words.optional}</span>}
      </label>
      {kind === "multiline" ? (
        <textarea rows={2} {...shared} />
      ) : (
        <input type={kind as "text"} autocomplete={FILLED[name] ?? "off"} {...shared} />
      )}
      {error && (
        <p id={`${id}-wrong`} class="wrong" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** What the visitor sees in the fields, by their names. */
export function valuesOf(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}
