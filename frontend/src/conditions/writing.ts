// From groups and rows back to a condition's JSON. Rows that are not finished are left out.
import { type FieldChoice, type Group, type Json, type JsonObject, type Kit, type Part, type Row } from "./model";
import { findField } from "./model";
import { isObject } from "./reading";

export function writeGroup(group: Group, fields: FieldChoice[], kit: Kit): JsonObject {
  const parts = group.parts.map((part) => writePart(part, fields, kit)).filter((part) => part !== undefined);
  if (!parts.length) return {};
  if (group.mode === "none") return { $nor: parts };
  if (group.mode === "any" && parts.length > 1) return { $or: parts };
  return joined(parts);
}

function writePart(part: Part, fields: FieldChoice[], kit: Kit): JsonObject | undefined {
  if (part.is === "written") return part.json;
  if (part.is === "row") {
    const operators = writeRow(part, fields, kit);
    return operators === undefined ? undefined : { [part.field]: operators };
  }
  const inner = writeGroup(part, fields, kit);
  return Object.keys(inner).length ? inner : undefined;
}

// One object of all parts, as long as none takes another's place; the rest goes under $and.
function joined(parts: JsonObject[]): JsonObject {
  const whole: JsonObject = {};
  const rest: JsonObject[] = [];
  for (const part of parts) {
    if (Object.keys(part).every((key) => key !== "$and" && add(whole, key, part[key] ?? null, true))) {
      for (const [key, value] of Object.entries(part)) add(whole, key, value, false);
    } else rest.push(part);
  }
  return rest.length ? { ...whole, $and: rest } : whole;
}

function add(whole: JsonObject, key: string, value: Json, trying: boolean): boolean {
  const there = whole[key];
  if (there === undefined) {
    if (!trying) whole[key] = value;
    return true;
  }
  if (key.startsWith("$") || !isObject(there) || !isObject(value) || Object.keys(value).some((one) => one in there)) return false;
  if (!trying) whole[key] = { ...there, ...value };
  return true;
}

const REPEATED: Record<string, [string, string]> = { is: ["$eq", "$in"], is_not: ["$ne", "$nin"] };

export function isFinished(row: Row, fields: FieldChoice[], kit: Kit): boolean {
  return writeRow(row, fields, kit) !== undefined;
}

function writeRow(row: Row, fields: FieldChoice[], kit: Kit): Json | undefined {
  const field = findField(fields, row.field);
  if (!field) return undefined;
  const [first, second] = row.values;
  const repeated = REPEATED[row.comparison];
  if (repeated) {
    if (first === undefined) return undefined;
    const operator = row.values.length > 1 ? repeated[1] : repeated[0];
    return operator === "$eq" ? first : { [operator]: row.values.length > 1 ? [...row.values] : first };
  }
  switch (row.comparison) {
    case "known":
      return { $exists: true };
    case "unknown":
      return { $exists: false };
    case "yes":
      return true;
    case "no":
      return false;
    case "all":
      return first === undefined ? undefined : { $all: [...row.values] };
    case "contains":
      return first === undefined ? undefined : { $contains: oneOrAll(row) };
    case "contains_not":
      return first === undefined ? undefined : { $not: { $contains: oneOrAll(row) } };
    case "starts":
      return first === undefined ? undefined : { $startsWith: oneOrAll(row) };
    case "between":
      return typeof first === "number" && typeof second === "number" ? { $gte: first, $lte: second } : undefined;
    case "within":
    case "older":
      return first === undefined ? undefined : { [row.comparison === "within" ? "$gte" : "$lt"]: { $ago: first } };
    case "from":
    case "until":
      return first === undefined ? undefined : { [row.comparison === "from" ? "$gte" : "$lt"]: first };
    case "some":
    case "none":
    case "count":
      return writeItems(row, field, kit);
  }
  if (first === undefined || !row.comparison) return undefined;
  return row.comparison === "eq" ? first : { [`$${row.comparison}`]: first };
}

const oneOrAll = (row: Row): Json => (row.values.length > 1 ? [...row.values] : (row.values[0] ?? null));

function writeItems(row: Row, field: FieldChoice, kit: Kit): Json | undefined {
  const where = writeGroup(row.where, field.items, kit);
  const narrowed = Object.keys(where).length > 0;
  if (row.comparison === "count") {
    const [number] = row.values;
    if (typeof number !== "number") return undefined;
    const is = row.number === "eq" ? number : { [`$${row.number}`]: number };
    return { $count: narrowed ? { where, is } : { is } };
  }
  if (!narrowed) return { $exists: row.comparison === "some" };
  return row.comparison === "some" ? { $elemMatch: where } : { $not: { $elemMatch: where } };
}
