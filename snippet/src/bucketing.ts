/** Randomization, as in `expedit.core.bucket`: both must give the numbers of spec/bucketing.json. */

export const BUCKETS = 10_000;

/** 32-bit FNV-1a (Fowler, Noll, Vo). */
function fnv1a(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** The bucket, 0 … 9999, of `key` in the experiment named by `salt`. */
export function bucket(salt: string, key: string): number {
  const encoder = new TextEncoder();
  return fnv1a(encoder.encode(String(fnv1a(encoder.encode(`${salt}:${key}`))))) % BUCKETS;
}
