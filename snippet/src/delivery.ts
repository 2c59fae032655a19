/** Gets events to the server: batched, at least once (it drops repeats by `messageId`), past the page's end. */

import { allows, refused } from "./consent";
import { guard, listen, report } from "./guard";
import { callOf, stamp } from "./person";
import { endpoint, sameSite, writeKey } from "./settings";
import { ID, QUEUE, TOLD, stored } from "./storage";
import type { Call } from "./types";

const INTERVAL = 1000; // ms between the first waiting event and its batch
const SLOWEST = 60_000; // ms, the longest wait between two tries
const BATCH = 20; // events that do not wait for the timer
const BOUND = 200; // events kept while they cannot leave; the oldest go first
const BODY = 48_000; // bytes of a batch; browsers carry at most 64 kB past the end of a page

let queue: Call[] = [];
let sending: Call[] = [];
let timer = 0;
let wait = INTERVAL;
let withdrawn = false;

/** POST to the server as text/plain, which needs no preflight; with the visitor's cookie when `personal`. */
export async function post(path: string, content: object, personal: boolean): Promise<Response> {
  const body = JSON.stringify(content);
  return fetch(endpoint + path, {
    method: "POST",
    body,
    keepalive: body.length < BODY,
    credentials: personal && sameSite ? "include" : "omit",
  });
}

/** Whether there is a queue that may leave: by consent, or because it holds nothing but an answer to a banner. */
const may = () => queue[0] && (allows() || withdrawn);

/** Take the next batch's worth of calls from the queue. */
function take(): Call[] {
  let count = 0;
  let size = 200; // of the batch's own fields
  for (const call of queue) {
    size += new Blob([JSON.stringify(stamp(call))]).size + 1;
    if (count && size > BODY) break;
    count++;
  }
  return queue.splice(0, count);
}

const contentOf = (batch: Call[]) => ({ batch, sentAt: new Date(), writeKey });

/** Leave what is not acknowledged to the next page of this visit. */
function save(): void {
  const rest = sending.concat(queue);
  if (allows()) stored(QUEUE, rest[0] ? JSON.stringify(rest) : null);
}

function schedule(): void {
  timer = timer || setTimeout(send, wait);
}

const send = guard(() => {
  clearTimeout(timer);
  timer = 0;
  if (!sending[0] && may()) deliver(take());
});

function deliver(calls: Call[]): void {
  sending = calls;
  post("/v1/batch", contentOf(calls), true)
    .then(({ status }) => {
      if (status > 299) throw status;
      wait = INTERVAL;
    })
    .catch((error) => {
      report(error);
      // Spread, so that a recovering server is not stampeded.
      wait = Math.min(wait * (2 + Math.random() / 4), SLOWEST);
      // What was refused for its own sake would be refused again.
      if (sending === calls && (error === 429 || !(error < 500))) queue = calls.concat(queue).slice(-BOUND);
    })
    .then(() => {
      if (sending !== calls) return; // Forgotten meanwhile.
      sending = [];
      withdrawn = withdrawn && !!queue[0];
      save();
      if (queue[0]) schedule();
    });
}

/** Send what waits, now and in a way that survives navigation. */
export function flush(): void {
  while (may()) {
    const calls = take();
    const body = JSON.stringify(contentOf(calls));
    if (navigator.sendBeacon && navigator.sendBeacon(endpoint + "/v1/batch", body)) continue;
    if (!sending[0]) return deliver(calls);
    queue = calls.concat(queue);
    return;
  }
}

/** Queue a call; `last` is still sent though nothing is allowed (any more), and nothing else with it. */
export function record(type: Call["type"], fields: Partial<Call>, last?: boolean): void {
  if (last) withdrawn = true;
  else if (withdrawn || refused()) return;
  // A copy: the page may change its own object before the batch leaves.
  queue = queue.concat(JSON.parse(JSON.stringify(callOf(type, fields)))).slice(-BOUND);
  if (queue.length >= BATCH && wait === INTERVAL) send();
  else schedule();
}

/** Consent was given: take up what an earlier page left. */
export function resume(): void {
  withdrawn = false;
  queue = (JSON.parse(stored(QUEUE) || "[]") as Call[]).concat(queue).slice(-BOUND);
  schedule();
}

/** Consent was refused or withdrawn: forget what waits, and what is kept on the device. */
export function forget(): void {
  queue = sending = [];
  [ID, QUEUE, TOLD].forEach((key) => stored(key, null));
}

/** Send the queue when the page is hidden or left. */
export function startDelivery(): void {
  listen(window, "pagehide", close);
  listen(document, "visibilitychange", () => {
    if (document.hidden) close();
  });
}

function close(): void {
  flush();
  save();
}
