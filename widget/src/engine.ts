/** Lets the room SDK append its vendor's engine on a page that demands Trusted Types, and nothing else. */

const HOSTS = /(^|\.)(daily\.co|dailywebrtc\.com|dailywebrtc\.net)$/;

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): string };
}

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
const policy = policies?.createPolicy("ai-sdr-room", {
  createScriptURL: (address) => {
    if (HOSTS.test(new URL(address).hostname)) return address;
    throw new TypeError(`ai-sdr: ${address} is no address of the room's vendor`);
  },
});

/** What a script element takes as its `src`. */
export function engine(address: string): string {
  return policy ? policy.createScriptURL(address) : address;
}
