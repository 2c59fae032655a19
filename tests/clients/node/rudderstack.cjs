// RudderStack's Node library, as its own documentation uses it; each call tells when it was delivered.
const Analytics = require("@rudderstack/rudder-sdk-node");

const [host, writeKey, prefix, count] = process.argv.slice(2);
const client = new Analytics(writeKey, { dataPlaneUrl: host, flushAt: 20, flushInterval: 200, retryCount: 5 });
const deliveries = [];

function send(call, message) {
  deliveries.push(
    new Promise((resolve, reject) => {
      client[call](message, (error) => (error ? reject(error) : resolve()));
    }),
  );
}

send("identify", { userId: "node-1", traits: { email: "node@shop.example", name: "Nina" } });
for (let number = 0; number < Number(count); number += 1) {
  send("track", {
    userId: "node-1",
    event: "Product Viewed",
    properties: { product_id: `${prefix}${number}`, price: 129.5, currency: "SEK", name: "Mössa" },
  });
}
send("track", {
  userId: "node-1",
  event: "Order Completed",
  properties: {
    order_id: `${prefix}ORDER`,
    revenue: 259,
    currency: "SEK",
    products: [{ product_id: `${prefix}1`, quantity: 2, price: 129.5 }],
  },
});
send("page", { anonymousId: "node-device", name: "Home", properties: { url: "https://shop.example/" } });
send("screen", { anonymousId: "node-device", name: "Start" });
send("group", { userId: "node-1", groupId: "company-1", traits: { name: "Fjäll AB" } });
Promise.all(deliveries).then(
  () => process.exit(0),
  (error) => {
    console.error("error", String(error));
    process.exit(1);
  },
);
