/** Unguessable names for questions and for creates that must not happen twice. */

export function newId(): string {
  // randomUUID exists only on secure pages; a plain-http site still deserves a text conversation.
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
