/** W3C Trace Context: each thing a visitor does has an id that our log and every vendor's knows it by. */

/** The header `traceparent` of one request, or the field of one frame. https://www.w3.org/TR/trace-context/ */
export function traceparent(): string {
  return `00-${hex(16)}-${hex(8)}-01`;
}

function hex(bytes: number): string {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
