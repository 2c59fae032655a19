import { describe, expect, it } from "vitest";
import bucketing from "../../spec/bucketing.json";
import names from "../../spec/events.json";
import { BUCKETS, bucket } from "../src/bucketing";
import { EVENTS } from "../src/datalayer";

describe("the golden cases shared with the server", () => {
  it("puts every key into the same bucket", () => {
    expect(BUCKETS).toBe(bucketing.buckets);
    expect(bucketing.cases.map(({ salt, key }) => bucket(salt, key))).toEqual(bucketing.cases.map((one) => one.bucket));
    expect(bucketing.cases.length).toBeGreaterThan(20);
  });

  it("takes exactly the agreed names from the dataLayer", () => {
    const all = [...Object.keys(names.ga4), ...Object.keys(names.segment), ...Object.keys(names.expedit), ...names.custom];
    expect(all.filter((name) => EVENTS.test(name)).sort()).toEqual([...names.snippet].sort());
  });

  it("takes no name that the server would not understand", () => {
    const kinds: Record<string, string> = { ...names.ga4, ...names.expedit };
    expect(names.snippet.filter((name) => !kinds[name])).toEqual([]);
    for (const name of ["gtm.js", "add_coupon_info_x", "page_view", "viewed_item", "purchase_now", "my_search"]) {
      expect(EVENTS.test(name)).toBe(false);
    }
  });
});
