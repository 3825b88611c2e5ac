/** Unguessable names for questions and for creates that must not happen twice. */

export function newId(): string {
  // randomUUID exists only on secure pages; a plain-http site still deserves a text conversation.
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes.set([((bytes[6] ?? 0) & 0x0f) | 0x40], 6); // the server knows an unguessable name by its version, 4
  bytes.set([((bytes[8] ?? 0) & 0x3f) | 0x80], 8);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
