/**
 * Reading a condition, as `expedit.core.read_condition` does: the same limits, refusals at the same places. What is
 * read is compiled at once into a check. docs/reference/conditions.md says what everything means.
 */

import {
  type Check,
  asked,
  composed,
  every,
  folded,
  has,
  isNumber,
  isObject,
  itemsOf,
  not,
  own,
  some,
  textsOf,
} from "./conditions-checks";

export type Kind = "number" | "money" | "text" | "flag" | "moment" | "scalar" | "texts";

/** The kind of each field by its dotted name, or for a list of items their vocabulary; `attributes.*` is a map. */
export interface Vocabulary {
  [name: string]: Kind | Vocabulary;
}

/** A field as it was found: what leads to its value, its kind. */
interface Found {
  keys: string[];
  kind: string;
  items?: Vocabulary;
}

type Raw = Record<string, unknown>;
type Value = string | number | boolean;

const MAX_DEPTH = 10;
const MAX_NODES = 250;
const MAX_VALUES = 5000;
const MAX_PARTS = 100;
const LONGEST_PATH = 200;
const LONGEST_TEXT = 500;
const LARGEST = Number.MAX_SAFE_INTEGER;
const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))?)?$/;
const UNITS: Record<string, number> = { m: 60e6, h: 3600e6, d: 86400e6, w: 604800e6 };
const EQUALITY = ["$eq", "$ne", "$in", "$nin", "$not"];
const ORDER = ["$gt", "$gte", "$lt", "$lte"];
const PARTS = ["$contains", "$startsWith"];

const OPERATORS: Record<string, string[]> = {
  number: [...EQUALITY, ...ORDER, "$exists"],
  money: [...EQUALITY, ...ORDER, "$exists"],
  moment: [...EQUALITY, ...ORDER, "$exists"],
  scalar: [...EQUALITY, ...ORDER, ...PARTS, "$exists"],
  text: [...EQUALITY, ...PARTS, "$exists"],
  flag: [...EQUALITY, "$exists"],
  texts: [...EQUALITY, ...PARTS, "$exists", "$all", "$size", "$elemMatch"],
  items: ["$eq", "$ne", "$not", "$exists", "$size", "$elemMatch", "$count"],
  element: [...EQUALITY, ...PARTS],
  count: [...EQUALITY, ...ORDER],
};

/** A condition is refused; `place` names where, as `when.$and[1].stock.$gt`. */
export class Refusal extends Error {
  constructor(
    readonly place: string,
    readonly reason: string,
  ) {
    super(place ? `${place}: ${reason}` : reason);
  }
}

const join = (outer: string, inner: string): string => (outer && inner ? `${outer}.${inner}` : outer || inner);
const cut = (key: string): string => [...key.slice(0, 2 * LONGEST_PATH)].slice(0, LONGEST_PATH).join("");
const isLong = (text: string, limit: number): boolean => text.length > limit && [...text].length > limit;
const isWhole = (text: string): boolean => !/\p{Cs}/u.test(text); // no half of a surrogate pair

export class Reader {
  private nodes = 0;
  private values = 0;
  private parts = 0;

  constructor(private readonly path: string) {}

  /** An object whose keys are fields and logical operators. */
  condition(raw: unknown, vocabulary: Vocabulary, at: string, depth: number): Check {
    const entries = Object.entries(this.object(raw, at, depth, "must be an object of fields and operators"));
    return every(
      entries.map(([key, value]) => {
        const here = join(at, cut(key));
        return key[0] === "$"
          ? this.logical(key, value, vocabulary, here, depth)
          : this.field(key, value, vocabulary, here, depth);
      }),
    );
  }

  private logical(key: string, value: unknown, vocabulary: Vocabulary, at: string, depth: number): Check {
    if (!["$and", "$or", "$nor", "$not"].includes(key)) this.refuse(at, "is no operator that stands here");
    if (key === "$not") return not(this.condition(value, vocabulary, at, depth + 1));
    if (!Array.isArray(value)) return this.refuse(at, "must be a list of conditions");
    if (!value.length) this.refuse(at, "is an empty list");
    const parts = value.map((one, n) => this.condition(one, vocabulary, `${at}[${n}]`, depth + 1));
    return key === "$and" ? every(parts) : key === "$or" ? some(parts) : not(some(parts));
  }

  private field(path: string, value: unknown, vocabulary: Vocabulary, at: string, depth: number): Check {
    if (isLong(path, LONGEST_PATH)) this.refuse(at, `is longer than ${LONGEST_PATH} characters`);
    const found = find(path, vocabulary) || this.refuse(at, "is no field");
    return asked(found.keys, this.plainOrOperators(value, found, at, depth));
  }

  /** A bare value, which means equality, or an object of operators. */
  private plainOrOperators(value: unknown, found: Found, at: string, depth: number): Check {
    if (isObject(value)) return this.operators(value, found, at, depth);
    this.countNode(at);
    return this.test("$eq", value, found.kind, at);
  }

  private operators(raw: unknown, found: Found, at: string, depth: number): Check {
    const entries = Object.entries(this.object(raw, at, depth, "must be an object of operators"));
    if (!entries.length) this.refuse(at, "has no operator");
    return every(
      entries.map(([key, value]) => {
        const here = join(at, cut(key));
        if (!(OPERATORS[found.kind] as string[]).includes(key)) this.refuse(here, "is no operator of this field");
        if (key === "$not") return not(this.operators(value, found, here, depth + 1));
        if (key === "$elemMatch") return this.elemMatch(value, found, here, depth);
        if (key === "$count") return this.count(value, found.items as Vocabulary, here, depth);
        this.countNode(here);
        return this.test(key, value, found.kind, here);
      }),
    );
  }

  private elemMatch(raw: unknown, { items }: Found, at: string, depth: number): Check {
    if (items) {
      const where = this.condition(raw, items, at, depth + 1);
      return (value, now) => itemsOf(value).some((item) => where(item, now));
    }
    const where = this.operators(raw, { keys: [], kind: "element" }, at, depth + 1);
    return (value, now) => textsOf(value).some((text) => where(text, now));
  }

  private count(raw: unknown, items: Vocabulary, at: string, depth: number): Check {
    const given = this.object(raw, at, depth, "must be an object with is and, if need be, where");
    const unknown = Object.keys(given).find((key) => key !== "where" && key !== "is");
    if (unknown !== undefined) this.refuse(join(at, cut(unknown)), "is unknown here; there are where and is");
    if (!("is" in given)) this.refuse(at, "says not how many: is is missing");
    const where = this.condition("where" in given ? given.where : {}, items, join(at, "where"), depth + 1);
    const is = this.plainOrOperators(given.is, { keys: [], kind: "count" }, join(at, "is"), depth + 1);
    return (value, now) => is(itemsOf(value).filter((item) => where(item, now)).length, now);
  }

  private test(operator: string, raw: unknown, kind: string, at: string): Check {
    switch (operator) {
      case "$ne":
        return not(this.test("$eq", raw, kind, at));
      case "$nin":
        return not(this.test("$in", raw, kind, at));
      case "$exists": {
        const exists = this.value(raw, "flag", at);
        return (value) => has(value, kind) === exists;
      }
      case "$size": {
        const size = this.value(raw, "count", at);
        return (value) => (kind === "texts" ? textsOf(value) : itemsOf(value)).length === size;
      }
      case "$all": {
        const texts = this.list(operator, raw, kind, at) as string[];
        return (value) => {
          const there = textsOf(value).map(composed);
          return texts.every((text) => there.includes(text));
        };
      }
      case "$contains":
      case "$startsWith":
        return this.hasPart(operator, raw, kind, at);
      case "$in":
        return this.oneOf(this.list(operator, raw, kind, at), kind);
      case "$eq":
        return this.oneOf([this.operand(operator, raw, kind, at)], kind);
    }
    return this.compares(operator, this.operand(operator, raw, kind, at));
  }

  private oneOf(wanted: (Value | null | { span: number })[], kind: string): Check {
    const values = new Set<unknown>(wanted);
    const nothing = values.has(null);
    if (kind === "texts") {
      return (value) => (nothing && !has(value, kind)) || textsOf(value).some((text) => values.has(composed(text)));
    }
    return (value) =>
      has(value, kind) ? values.has(typeof value === "string" ? composed(value) : value) : nothing;
  }

  /** Whether a text, or one of a list of texts, contains or begins with what is wanted. */
  private hasPart(operator: string, raw: unknown, kind: string, at: string): Check {
    const given = Array.isArray(raw) ? raw : [raw];
    if (!given.length) this.refuse(at, "is an empty list");
    this.parts += given.length;
    if (this.parts > MAX_PARTS) this.refuse(at, `brings more than ${MAX_PARTS} parts of texts into the condition`);
    const wanted = given.map((one, n) => folded(this.text(one, given === raw ? `${at}[${n}]` : at)));
    const finds = (text: string): boolean => {
      const plain = folded(text);
      return wanted.some((part) => (operator === "$contains" ? plain.includes(part) : plain.startsWith(part)));
    };
    if (kind === "texts") return (value) => textsOf(value).some(finds);
    return (value) => typeof value === "string" && finds(value);
  }

  private compares(operator: string, operand: Value | null | { span: number }): Check {
    const bound = (now: number): number =>
      isObject(operand) ? now - (operand as { span: number }).span : (operand as number);
    switch (operator) {
      case "$gt":
        return (value, now) => isNumber(value) && value > bound(now);
      case "$gte":
        return (value, now) => isNumber(value) && value >= bound(now);
      case "$lt":
        return (value, now) => isNumber(value) && value < bound(now);
    }
    return (value, now) => isNumber(value) && value <= bound(now);
  }

  private operand(operator: string, raw: unknown, kind: string, at: string): Value | null | { span: number } {
    const ordered = ORDER.includes(operator);
    if (kind === "moment" && isObject(raw)) {
      if (Object.keys(raw).join() !== "$ago") this.refuse(at, 'must be an ISO 8601 time or {"$ago": "7d"}');
      if (!ordered) this.refuse(at, "is a moving moment, with which only $gt, $gte, $lt and $lte compare");
      const found = /^(0|[1-9]\d{0,3})([mhdw])$/.exec(typeof raw.$ago === "string" ? raw.$ago : "");
      if (!found) return this.refuse(`${at}.$ago`, "must be a number up to 9999 and a unit m, h, d or w, as 90d");
      return { span: Number(found[1]) * (UNITS[found[2] as string] as number) };
    }
    if (raw === null && !ordered && kind !== "element" && kind !== "count") return null;
    return this.value(raw, ordered && kind === "scalar" ? "number" : kind, at);
  }

  private list(operator: string, raw: unknown, kind: string, at: string): (Value | null)[] {
    if (!Array.isArray(raw)) return this.refuse(at, "must be a list of values");
    this.values += raw.length;
    if (this.values > MAX_VALUES) this.refuse(at, `brings more than ${MAX_VALUES} values into the condition`);
    if (!raw.length && operator === "$all") this.refuse(at, "is an empty list");
    const nullable = operator !== "$all" && kind !== "element" && kind !== "count";
    return raw.map((one, n) => (one === null && nullable ? null : this.value(one, kind, `${at}[${n}]`)));
  }

  /** One written value; moments become microseconds. */
  private value(raw: unknown, kind: string, at: string): Value {
    const type = typeof raw;
    switch (kind) {
      case "flag":
        return type === "boolean" ? (raw as boolean) : this.refuse(at, "must be true or false");
      case "text":
      case "texts":
      case "element":
        return this.text(raw, at);
      case "moment":
        return this.moment(raw, at);
      case "scalar":
        if (type === "boolean") return raw as boolean;
        return type === "string" ? this.text(raw, at) : this.number(raw, at);
      case "items":
        return this.refuse(at, "must be null; its items are asked by $elemMatch or $count");
    }
    const number = this.number(raw, at);
    if (kind === "money" && number % 1) this.refuse(at, "must be a whole number of minor units");
    if (kind === "count" && (number % 1 || number < 0)) this.refuse(at, "must be a whole number, 0 or more");
    return number;
  }

  private text(raw: unknown, at: string): string {
    if (typeof raw !== "string") return this.refuse(at, "must be text");
    const text = composed(raw);
    if (isLong(text, LONGEST_TEXT)) this.refuse(at, `is longer than ${LONGEST_TEXT} characters`);
    if (!text) this.refuse(at, "is empty; what has no value is null");
    if (!isWhole(text)) this.refuse(at, "is not Unicode text");
    return text;
  }

  private number(raw: unknown, at: string): number {
    if (typeof raw !== "number") return this.refuse(at, "must be a number");
    if (!isFinite(raw)) this.refuse(at, "must be finite");
    if (Math.abs(raw) > LARGEST) this.refuse(at, "is beyond ±(2^53 − 1), up to which numbers are exact");
    return raw;
  }

  private moment(raw: unknown, at: string): number {
    const found = typeof raw === "string" && MOMENT.exec(raw);
    if (!found) return this.refuse(at, "must be an ISO 8601 time, as 2026-11-22 or 2026-11-22T09:30:00Z");
    const [year, month, day, hour, minute, second] = found.slice(1, 7).map((digits) => Number(digits || 0)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const date = new Date(Date.UTC(year, month - 1, day));
    // `Date` moves February 30 into March, and years before 100 into the last century.
    if (year < 100 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
      this.refuse(at, "is no date of the calendar");
    }
    const zone = (Number(found[9] || 0) * 60 + Number(found[10] || 0)) * (found[8] === "-" ? -1 : 1);
    const seconds = date.getTime() / 1000 + (hour * 60 + minute - zone) * 60 + second;
    const micros = seconds * 1e6 + Number((found[7] || "").padEnd(6, "0"));
    if (Math.abs(micros) > LARGEST) this.refuse(at, "lies outside the years 1684 to 2255");
    return micros;
  }

  private object(raw: unknown, at: string, depth: number, expected: string): Raw {
    if (depth > MAX_DEPTH) this.refuse(at, `is nested deeper than ${MAX_DEPTH}`);
    this.countNode(at);
    if (!isObject(raw)) return this.refuse(at, expected);
    if (!Object.keys(raw).every(isWhole)) this.refuse(at, "has a key that is not Unicode text");
    return raw;
  }

  private countNode(at: string): void {
    if (++this.nodes > MAX_NODES) this.refuse(at, `is more than ${MAX_NODES} objects and comparisons`);
  }

  private refuse(at: string, reason: string): never {
    throw new Refusal(join(this.path, at), reason);
  }
}

/** The field that `path` names: by its own name, or as a key of a map. */
function find(path: string, vocabulary: Vocabulary): Found | undefined {
  const found = (kind: Kind | Vocabulary, keys: string[]): Found =>
    isObject(kind) ? { keys, kind: "items", items: kind as Vocabulary } : { keys, kind: kind as string };
  const named = own(vocabulary, path) as Kind | Vocabulary | undefined;
  if (named && !path.endsWith("*")) return found(named, path.split("."));
  for (let at = path.lastIndexOf("."); ; at = path.lastIndexOf(".", at - 1)) {
    const prefix = at > 0 ? path.slice(0, at) : "";
    const key = prefix ? path.slice(at + 1) : path;
    const kind = own(vocabulary, prefix ? `${prefix}.*` : "*") as Kind | Vocabulary | undefined;
    if (kind && key && key !== "*") return found(kind, [...(prefix ? prefix.split(".") : []), key]);
    if (at <= 0) return undefined;
  }
}

