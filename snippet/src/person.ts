/** Who acts, as far as the page and the visitor's consent let us say, and the envelope that says it. */

import { allows, known } from "./consent";
import { pageFacts } from "./pages";
import { locale, market, sameSite } from "./settings";
import { ID, stored } from "./storage";
import type { Call, Properties } from "./types";

let userId: string | undefined;
let userHash: string | undefined;
let fallback: string | undefined;

/** Random 128 bits as hex. */
const randomId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => (byte + 256).toString(16).slice(1)).join("");

/** The script's own id, where the server's cookie cannot work; only ever after consent. */
function fallbackId(): string | undefined {
  if (!sameSite && allows()) {
    fallback = stored(ID) || fallback || randomId();
    stored(ID, fallback);
  }
  return fallback;
}

/** Name the person, or with nothing forget them; true when that changes who asks. */
export function setPerson(id?: string, hash?: string): boolean {
  const changed = id !== userId || hash !== userHash;
  userId = id;
  userHash = hash;
  if (!id) {
    fallback = undefined;
    stored(ID, null);
  }
  return changed;
}

/** Who asks for a decision. A user id counts only with its hash: anyone could write another's. */
export const asker = (): Properties => ({ anonymousId: fallbackId(), userId: userHash && userId, userHash });

/** A call in Segment's envelope, with all that is known when it happens. */
export function callOf(type: Call["type"], fields: Partial<Call>): Call {
  return {
    type,
    messageId: randomId(),
    timestamp: new Date(),
    // Without its hash the server refuses it; an `identify` should go wrong where the shop can see it.
    userId: userHash || type === "identify" ? userId : undefined,
    ...fields,
    context: { page: pageFacts(), locale, market, userHash },
  };
}

/** Complete a call with what is only known when it leaves. */
export function stamp(call: Call): Call {
  call.anonymousId = fallbackId();
  call.context.consent = { categoryPreferences: known };
  return call;
}
