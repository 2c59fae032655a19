/** What facts hold, and checks of them. There is one *nothing*: missing, null, empty, NaN or of another kind. */

/** Tells whether a value, or a set of facts, is what was asked for at a moment in microseconds. */
export type Check = (value: unknown, now: number) => boolean;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isNumber = (value: unknown): value is number => typeof value === "number";

/** What an object itself holds under `key`: never what every object of JavaScript has. */
export const own = (value: unknown, key: string): unknown =>
  isObject(value) && Object.prototype.hasOwnProperty.call(value, key) ? value[key] : undefined;

/** Texts are compared in Unicode's form NFC. */
export const composed = (text: string): string => text.normalize("NFC");

/** Parts of texts are looked for in simple lower case, which depends on no language and no neighbor, in form NFC. */
export const folded = (text: string): string =>
  composed(composed(text).replace(/İ/g, "i").replace(/[Σς]/g, "σ").toLowerCase());

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** The texts of a list, or a text that stands alone. */
export const textsOf = (value: unknown): string[] =>
  listOf(value).filter((one): one is string => typeof one === "string" && one !== "");

/** The objects of a list, or an object that stands alone. */
export const itemsOf = (value: unknown): Record<string, unknown>[] => listOf(value).filter(isObject);

/** Whether a value of a field of this kind is more than nothing. */
export function has(value: unknown, kind: string): boolean {
  const isText = typeof value === "string" && value !== "";
  switch (kind) {
    case "text":
    case "element":
      return isText;
    case "flag":
      return typeof value === "boolean";
    case "texts":
      return textsOf(value).length > 0;
    case "items":
      return itemsOf(value).length > 0;
    case "scalar":
      if (isText || typeof value === "boolean") return true;
  }
  return isNumber(value) && !isNaN(value);
}

export const every =
  (checks: Check[]): Check =>
  (value, now) =>
    checks.every((check) => check(value, now));

export const some =
  (checks: Check[]): Check =>
  (value, now) =>
    checks.some((check) => check(value, now));

export const not =
  (check: Check): Check =>
  (value, now) =>
    !check(value, now);

/** A check of the value to which `keys` lead. */
export const asked =
  (keys: string[], check: Check): Check =>
  (facts, now) =>
    check(keys.reduce(own, facts), now);
