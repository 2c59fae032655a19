/** The few things kept on the device, all of them only after consent. */

import { guard } from "./guard";

/** The visitor's id, where the server's cookie cannot work; the others last as long as the tab. */
export const ID = "expedit_id";
export const QUEUE = "expedit_queue";
export const TOLD = "expedit_consent";

/** Read a key, write it, or (with `null`) remove it; a storage that the browser blocks is an empty one. */
export const stored = guard((key: string, value?: string | null): string | null | void => {
  const storage = key === ID ? localStorage : sessionStorage;
  return value ? storage.setItem(key, value) : value === null ? storage.removeItem(key) : storage.getItem(key);
});
