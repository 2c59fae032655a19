// Segment's Node library, as its own documentation uses it.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, prefix, count] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 20, flushInterval: 200, maxRetries: 5 });
analytics.on("error", (error) => console.error("error", error.code, String(error.reason ?? "")));

analytics.identify({ userId: "node-1", traits: { email: "node@shop.example", name: "Nina" } });
for (let number = 0; number < Number(count); number += 1) {
  analytics.track({
    userId: "node-1",
    event: "Product Viewed",
    properties: { product_id: `${prefix}${number}`, price: 129.5, currency: "SEK", name: "Mössa" },
  });
}
analytics.track({
  userId: "node-1",
  event: "Order Completed",
  properties: {
    order_id: `${prefix}ORDER`,
    revenue: 259,
    currency: "SEK",
    products: [{ product_id: `${prefix}1`, quantity: 2, price: 129.5 }],
  },
});
analytics.page({ anonymousId: "node-device", name: "Home", properties: { url: "https://shop.example/" } });
analytics.screen({ anonymousId: "node-device", name: "Start" });
analytics.group({ userId: "node-1", groupId: "company-1", traits: { name: "Fjäll AB" } });
await analytics.closeAndFlush({ timeout: 20000 });
