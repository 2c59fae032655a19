/**
 * The condition language in TypeScript: the twin of `expedit.core.conditions`, held to the same spec/conditions.json.
 * It stands alone: nothing of the snippet imports it, and it imports nothing of the snippet.
 */

import { Reader, type Vocabulary } from "./conditions-reading";

export { Refusal, type Kind, type Vocabulary } from "./conditions-reading";

/** Nested objects of plain values; moments are microseconds since 1970 UTC. */
export type Facts = Record<string, unknown>;

/** Tells whether facts fulfill a condition at a moment in microseconds. It never throws. */
export type Matcher = (facts: Facts, now: number) => boolean;

/**
 * Read a condition and compile it.
 *
 * @param raw  decoded JSON; `{}` is always true
 * @param vocabulary  the fields that it may speak of
 * @param path  what refusals call the whole of it
 * @throws Refusal  that names the exact place
 */
export function readCondition(raw: unknown, vocabulary: Vocabulary, path = "when"): Matcher {
  return new Reader(path).condition(raw, vocabulary, "", 1);
}
