// The condition editor's view of a condition: groups of rows. reading.ts and writing.ts lead from JSON and back.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };
export type Value = string | number | boolean;
export type Mode = "all" | "any" | "none";

export interface FieldChoice {
  name: string;
  label: string;
  kind: string;
  source: string;
  open: boolean;
  share: boolean;
  items: FieldChoice[];
}

export interface Suggestion {
  value: Value;
  label: string;
  note: string;
  image: string;
}

// What web/condition_editor.py puts into the page.
export interface Kit {
  fields: FieldChoice[];
  comparisons: Record<string, [name: string, text: string][]>;
  words: Record<string, string>;
  choices: Record<string, Suggestion[]>;
  known: Record<string, Record<string, string>>;
  suggest: string;
  count: string;
  currency: string;
  decimals: number;
  zone: string;
}

export interface Group {
  is: "group";
  mode: Mode;
  parts: Part[];
}

// One field, how it is compared, and with what; of lists of items also what an item must fulfill.
export interface Row {
  is: "row";
  field: string;
  comparison: string;
  values: Value[];
  number: string;
  where: Group;
}

// What rows cannot show; it keeps its place and its words.
export interface Written {
  is: "written";
  json: JsonObject;
}

export type Part = Group | Row | Written;

export const emptyGroup = (mode: Mode = "all"): Group => ({ is: "group", mode, parts: [] });

export const newRow = (field = "", comparison = "", values: Value[] = []): Row => ({
  is: "row",
  field,
  comparison,
  values,
  number: "gte",
  where: emptyGroup(),
});

export function findField(fields: FieldChoice[], name: string): FieldChoice | undefined {
  const exact = fields.find((one) => one.name === name && !one.open);
  if (exact) return exact;
  const open = fields.find((one) => one.open && name.startsWith(one.name.slice(0, -1)) && name.length >= one.name.length);
  return open && { ...open, name, label: `${open.label}: ${name.slice(open.name.length - 1)}`, open: false };
}

// Comparisons with parts of texts; they take what is typed.
export const PARTS = ["contains", "contains_not", "starts"];

// Which comparisons a field offers: a number whose values have names is chosen from them.
export function kindOf(field: FieldChoice, kit: Kit): string {
  return field.kind === "number" && kit.choices[field.source] ? "chosen" : field.kind;
}
