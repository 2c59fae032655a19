import { describe, expect, it } from "vitest";
import file from "../../spec/conditions.json";
import { type Facts, Refusal, type Vocabulary, readCondition } from "../src/conditions";

interface Asked {
  name: string;
  vocabulary: string;
  when: unknown;
  facts: Facts;
  now?: number;
  is: boolean;
}

interface Golden {
  version: number;
  now: number;
  vocabularies: Record<string, Vocabulary>;
  tables: { name: string; vocabulary: string; facts: Facts[]; rows: { is: string; when: unknown }[] }[];
  cases: Asked[];
  refused: { at: string; when: unknown }[];
  written: { when: unknown; written: unknown }[];
}

const golden = file as unknown as Golden;
const words = (name: string): Vocabulary => golden.vocabularies[name] as Vocabulary;
const shop = words("shop");

function cases(): Asked[] {
  const all = [...golden.cases];
  for (const { name, vocabulary, facts, rows } of golden.tables) {
    for (const { is, when } of rows) {
      const letters = is.replace(/ /g, "");
      facts.forEach((one, n) => {
        const asked = `${name}: ${JSON.stringify(when)} of ${JSON.stringify(one)}`;
        all.push({ name: asked, vocabulary, when, facts: one, is: letters[n] === "T" });
      });
    }
  }
  return all;
}

function refusal(when: unknown, path?: string): Refusal {
  try {
    readCondition(when, shop, path);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(when).slice(0, 200)}`);
}

describe("the golden cases shared with the server", () => {
  it("are all there", () => {
    expect(golden.version).toBe(1);
    expect(cases().length).toBeGreaterThan(3000);
  });

  it("get the same answers", () => {
    const wrong = cases().filter(
      ({ when, vocabulary, facts, now, is }) =>
        readCondition(when, words(vocabulary))(facts, now === undefined ? golden.now : now) !== is,
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("are refused at the same places", () => {
    expect(golden.refused.map(({ when }) => refusal(when).place)).toEqual(golden.refused.map(({ at }) => at));
    expect(golden.refused.length).toBeGreaterThan(150);
  });

  it("can be read in their canonical form", () => {
    for (const { when, written } of golden.written) {
      readCondition(when, shop);
      readCondition(written, shop);
    }
  });
});

describe("limits", () => {
  const nested = (levels: number): unknown => (levels > 1 ? { $not: nested(levels - 1) } : {});
  const many = (length: number): number[] => Array.from({ length }, (_, n) => n);

  it("hold for depth", () => {
    readCondition(nested(10), shop);
    expect(refusal(nested(11)).place).toBe(`when${".$not".repeat(10)}`);
  });

  it("hold for size", () => {
    readCondition({ $or: Array(124).fill({ stock: 1 }) }, shop);
    expect(refusal({ $or: Array(125).fill({ stock: 1 }) }).place).toBe("when.$or[124].stock");
    expect(refusal({ $or: Array(251).fill({}) }).place).toBe("when.$or[249]");
  });

  it("hold for lists of values together", () => {
    readCondition({ stock: { $in: many(5000) } }, shop);
    expect(refusal({ stock: { $in: many(5001) } }).place).toBe("when.stock.$in");
    const both = { $and: [{ stock: { $in: many(2500) } }, { stock: { $nin: many(2501) } }] };
    expect(refusal(both).place).toBe("when.$and[1].stock.$nin");
  });

  it("hold for parts of texts together", () => {
    const parts = (length: number): string[] => Array(length).fill("a");
    readCondition({ brand: { $contains: parts(50) }, tags: { $startsWith: parts(50) } }, shop);
    expect(refusal({ brand: { $contains: parts(101) } }).place).toBe("when.brand.$contains");
    const both = { $and: [{ brand: { $contains: parts(50) } }, { tags: { $startsWith: parts(51) } }] };
    expect(refusal(both).place).toBe("when.$and[1].tags.$startsWith");
    expect(refusal({ brand: { $contains: ["x".repeat(501)] } }).place).toBe("when.brand.$contains[0]");
  });

  it("hold for texts and names, counted in characters", () => {
    readCondition({ brand: "🧥".repeat(500), [`attributes.${"x".repeat(189)}`]: "y" }, shop);
    expect(refusal({ brand: "🧥".repeat(501) }).place).toBe("when.brand");
    expect(refusal({ [`attributes.${"x".repeat(190)}`]: "y" }).place.length).toBe(205);
  });

  it("hold for what is not Unicode text", () => {
    expect(refusal({ brand: "\ud800" }).place).toBe("when.brand");
    expect(refusal({ brand: { $in: ["a", "x\udc00"] } }).place).toBe("when.brand.$in[1]");
    expect(refusal({ "attributes.\ud800": "x" }).place).toBe("when");
    expect(readCondition({ brand: "x" }, shop)({ brand: "\ud800" }, 0)).toBe(false);
  });

  it("name the whole as they are told", () => {
    expect(refusal({ stock: "1" }, "rules[3].when").place).toBe("rules[3].when.stock");
    expect(refusal([], "").place).toBe("");
    expect(refusal({ stock: "1" }).message).toBe("when.stock: must be a number");
  });
});

describe("facts", () => {
  it("may hold anything", () => {
    const odd = [undefined, NaN, Infinity, () => 1, Symbol("x"), new Date(0), Object.create(null), [undefined], BigInt(5)];
    const all = ["stock", "brand", "on_sale", "created", "tags", "traits.x", "purchases", "cart.total"];
    for (const field of all) {
      const nothing = readCondition({ [field]: null }, shop);
      for (const value of odd) {
        const [outer, inner] = field.split(".") as [string, string?];
        const answer = nothing({ [outer]: inner ? { [inner]: value } : value }, 0);
        const number = value === Infinity && !["brand", "on_sale", "tags", "purchases"].includes(field);
        const item = field === "purchases" && typeof value === "object" && !Array.isArray(value);
        expect(answer).toBe(!number && !item);
      }
    }
  });
});
