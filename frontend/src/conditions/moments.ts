// Moments as people type them: wall time in the shop's zone; conditions hold them in UTC.

export function toZone(written: string, zone: string): string {
  const whole = /[TZ]/.test(written) && !/(Z|[+-]\d\d:\d\d)$/.test(written) ? `${written}Z` : written;
  const at = Date.parse(whole);
  return Number.isNaN(at) ? "" : wall(at, zone);
}

export function fromZone(typed: string, zone: string): string {
  const asked = Date.parse(`${typed}Z`);
  if (Number.isNaN(asked)) return "";
  let at = asked;
  // Twice: the first guess may lie on the other side of a change of the clocks.
  for (let round = 0; round < 2; round += 1) at += asked - Date.parse(`${wall(at, zone)}Z`);
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function wall(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(at);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year").padStart(4, "0")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}`;
}
