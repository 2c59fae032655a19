/** What the visitor allows: told by the page's own call or by Google consent mode; denied until given. */

import { TOLD, stored } from "./storage";
import type { Consent, Properties, Purpose } from "./types";

/** The answers so far; a purpose that is absent has not been answered. */
export const known: Consent = {};
const google: Properties = {};

/** Whether anything may be kept on the device and sent about this visitor. */
export const allows = () => known.analytics || known.personalization;

/** Whether the visitor has said no, so that nothing need wait for a yes. */
export const refused = () => !allows() && (known.analytics === false || known.personalization === false);

/** Learn answers, `spoken` by the visitor or a default; true when the server must hear of them in an event. */
export function learnConsent(answers: Consent, spoken: boolean): boolean {
  let tell = false;
  for (const key in answers) {
    const answer = answers[key as Purpose] === true;
    tell = tell || (spoken && answer !== !!known[key as Purpose]);
    known[key as Purpose] = answer;
  }
  if (tell && allows()) {
    // A banner repeats its answer on every page; one event a visit is enough.
    const text = JSON.stringify(known);
    tell = stored(TOLD) !== text;
    stored(TOLD, text);
  }
  return tell;
}

/** The answers in `gtag('consent', 'default' | 'update', {…})`, together with the earlier ones. */
export function readGoogle(update: boolean, values: Properties): Consent {
  const answers: Consent = {};
  for (const key in values) {
    // We cannot tell the visitor's region: a default that grants holds only where no default denies.
    if (update || values[key] !== "granted" || !(values.region || google[key])) google[key] = values[key];
  }
  const read = (purpose: Purpose, answer: unknown) => {
    // A default that denies says "not asked yet"; taken for a refusal it would erase a profile.
    const yes = answer === "granted";
    if (answer && (update || known[purpose] || yes)) answers[purpose] = yes;
  };
  read("analytics", google.analytics_storage);
  read("personalization", google.personalization_storage || google.ad_personalization);
  return answers;
}
