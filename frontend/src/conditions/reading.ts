// From a condition's JSON to groups and rows. What cannot be shown as a row stays as it is written.
import { type FieldChoice, type Group, type Json, type JsonObject, type Kit, type Part, type Row, type Value } from "./model";
import { emptyGroup, findField, kindOf, newRow } from "./model";

const ORDER: Record<string, string> = { $gt: "gt", $gte: "gte", $lt: "lt", $lte: "lte", $eq: "eq", $ne: "ne" };
const TEXT: Record<string, string> = { $eq: "is", $in: "is", $ne: "is_not", $nin: "is_not", $contains: "contains", $startsWith: "starts" };

export const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);
const isValue = (json: Json): json is Value => ["string", "number", "boolean"].includes(typeof json);

// Throws when it is no condition at all; whether it is a right one, the server tells.
export function readGroup(json: JsonObject, fields: FieldChoice[], kit: Kit): Group {
  const parts = partsOf(json, fields, kit);
  const only = parts[0];
  return parts.length === 1 && only?.is === "group" ? only : { is: "group", mode: "all", parts };
}

function partsOf(json: JsonObject, fields: FieldChoice[], kit: Kit): Part[] {
  return Object.entries(json).flatMap(([key, value]): Part[] => {
    if (key === "$and") return listOf(value).flatMap((one) => partsOf(one, fields, kit));
    if (key === "$or" || key === "$nor") {
      const list = listOf(value);
      if (list.some(isEmpty)) return [{ is: "written", json: { [key]: value } }];
      return [{ is: "group", mode: key === "$or" ? "any" : "none", parts: list.map((one) => partOf(one, fields, kit)) }];
    }
    if (key === "$not") {
      if (!isObject(value)) throw new Error(key);
      if (isEmpty(value)) return [{ is: "written", json: { [key]: value } }];
      return [{ is: "group", mode: "none", parts: [partOf(value, fields, kit)] }];
    }
    return fieldParts(key, value, fields, kit);
  });
}

function listOf(json: Json): JsonObject[] {
  if (!Array.isArray(json) || !json.every(isObject)) throw new Error("list");
  return json;
}

const isEmpty = (json: JsonObject): boolean => Object.keys(json).length === 0;

function partOf(json: JsonObject, fields: FieldChoice[], kit: Kit): Part {
  const parts = partsOf(json, fields, kit);
  const only = parts[0];
  return parts.length === 1 && only ? only : { is: "group", mode: "all", parts };
}

function fieldParts(name: string, value: Json, fields: FieldChoice[], kit: Kit): Part[] {
  const field = findField(fields, name);
  if (!field) return [{ is: "written", json: { [name]: value } }];
  const asked: JsonObject = isObject(value) ? value : { $eq: value };
  const low = asked["$gte"];
  const high = asked["$lte"];
  if (["number", "money"].includes(kindOf(field, kit)) && typeof low === "number" && typeof high === "number" && Object.keys(asked).length === 2) {
    return [newRow(name, "between", [low, high])];
  }
  return Object.entries(asked).map(([operator, operand]): Part => {
    if (operator === "$not" && isObject(operand) && !isEmpty(operand)) {
      const inner = fieldParts(name, operand, fields, kit);
      const only = inner[0];
      const opposite = inner.length === 1 && only?.is === "row" ? { some: "none", contains: "contains_not" }[only.comparison] : undefined;
      if (opposite) return { ...(only as Row), comparison: opposite };
      return { is: "group", mode: "none", parts: inner.length === 1 ? inner : [{ is: "group", mode: "all", parts: inner }] };
    }
    return rowOf(name, field, operator, operand, kit) ?? { is: "written", json: { [name]: { [operator]: operand } } };
  });
}

function rowOf(name: string, field: FieldChoice, operator: string, operand: Json, kit: Kit): Row | undefined {
  const kind = kindOf(field, kit);
  const nothing = operand === null && (operator === "$eq" || operator === "$ne");
  if (nothing || operator === "$exists") {
    const known = operator === "$ne" || (operator === "$exists" && operand === true);
    if (kind === "flag" || kind === "chosen") return undefined;
    if (kind === "items") return known ? newRow(name, "some") : newRow(name, "none");
    return newRow(name, known ? "known" : "unknown");
  }
  if (kind === "items") return itemsRow(name, field, operator, operand, kit);
  if (kind === "flag") return operator === "$eq" ? newRow(name, operand ? "yes" : "no") : undefined;
  if (kind === "moment") return momentRow(name, operator, operand);
  if (["text", "texts", "scalar", "chosen"].includes(kind)) {
    const values = Array.isArray(operand) ? operand : [operand];
    const comparison = kind === "texts" && operator === "$all" ? "all" : TEXT[operator];
    if (comparison && values.length && values.every(isValue)) return newRow(name, comparison, values);
  }
  const comparison = ORDER[operator];
  const offered = kit.comparisons[kind]?.some(([one]) => one === comparison);
  return comparison && offered && typeof operand === "number" ? newRow(name, comparison, [operand]) : undefined;
}

function momentRow(name: string, operator: string, operand: Json): Row | undefined {
  const span = isObject(operand) ? operand["$ago"] : undefined;
  if (typeof span === "string" && operator === "$gte") return newRow(name, "within", [span]);
  if (typeof span === "string" && operator === "$lt") return newRow(name, "older", [span]);
  if (typeof operand === "string" && operator === "$gte") return newRow(name, "from", [operand]);
  if (typeof operand === "string" && operator === "$lt") return newRow(name, "until", [operand]);
  return undefined;
}

function itemsRow(name: string, field: FieldChoice, operator: string, operand: Json, kit: Kit): Row | undefined {
  if (operator === "$elemMatch" && isObject(operand)) {
    return { ...newRow(name, "some"), where: readGroup(operand, field.items, kit) };
  }
  if (operator === "$size" && typeof operand === "number") {
    return { ...newRow(name, "count", [operand]), number: "eq" };
  }
  if (operator !== "$count" || !isObject(operand)) return undefined;
  const asked: JsonObject = isObject(operand["is"]) ? operand["is"] : { $eq: operand["is"] ?? null };
  const [first, ...more] = Object.entries(asked);
  const number = first && ORDER[first[0]];
  if (!first || more.length || !number || typeof first[1] !== "number") return undefined;
  const where = isObject(operand["where"]) ? readGroup(operand["where"], field.items, kit) : emptyGroup();
  return { ...newRow(name, "count", [first[1]]), number, where };
}
