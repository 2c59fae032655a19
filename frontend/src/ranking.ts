// Which options fit what is typed, and in what order: those that begin with it stand first.
import type { Option } from "./combobox";

enum Fit {
  same,
  begins, // the label, or what stands after its last colon, begins with all that is typed
  words, // every word typed begins a word of the label, each one of its own
  holds, // label and note hold every word typed somewhere
}

// Options whose words all stand in their label or note, the best first; accents are no matter.
export function narrowed<Value>(options: Option<Value>[], typed: string): Option<Value>[] {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  if (!wanted.length) return options;
  const fitting = options.flatMap((option) => {
    const fit = fitOf(option, wanted);
    return fit === undefined ? [] : [{ option, fit }];
  });
  return fitting.sort((one, other) => one.fit - other.fit).map(({ option }) => option);
}

function fitOf(option: Option<unknown>, wanted: string[]): Fit | undefined {
  const label = plain(option.label);
  const note = plain(option.note ?? "");
  if (!wanted.every((word) => `${label} ${note}`.includes(word))) return undefined;
  const typed = wanted.join(" ");
  const names = [label, label.slice(label.lastIndexOf(": ") + 1).trim()];
  if (names.includes(typed)) return Fit.same;
  if (names.some((name) => name.startsWith(typed))) return Fit.begins;
  return beginWords(wanted, wordsOf(label)) ? Fit.words : Fit.holds;
}

function beginWords(wanted: string[], words: string[]): boolean {
  const left = [...words];
  const longestFirst = wanted.flatMap(wordsOf).sort((one, other) => other.length - one.length);
  return longestFirst.every((word) => {
    const place = left.findIndex((one) => one.startsWith(word));
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  });
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

function plain(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ø/g, "o").replace(/æ/g, "ae");
}
