// <time data-moment datetime="…Z"> in the viewer's own time zone: "date", "time", "full" (both) or "ago".

const language = document.documentElement.lang || "en";
const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const formats: Record<string, Intl.DateTimeFormat> = {
  full,
  date: new Intl.DateTimeFormat(language, { dateStyle: "medium" }),
  time: new Intl.DateTimeFormat(language, { timeStyle: "medium" }),
};
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Number.POSITIVE_INFINITY],
];

function ago(when: Date): string {
  let span = (when.getTime() - Date.now()) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(span) < size) return relative.format(Math.round(span), unit);
    span /= size;
  }
  return full.format(when);
}

export function showMoments(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLTimeElement>("time[data-moment]")) {
    const when = new Date(place.dateTime);
    if (Number.isNaN(when.getTime())) continue;
    const wish = place.dataset.moment || "full";
    place.textContent = wish === "ago" ? ago(when) : (formats[wish] ?? full).format(when);
    place.title = exact.format(when);
  }
}

setInterval(() => showMoments(document), 20_000);
