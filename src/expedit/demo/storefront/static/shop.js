/* The storefront's own script: tells the data layer what happens, draws cards, keeps the cart, opens the drawer.
   It knows expedit only as any shop would: through the data layer and window.expedit. */

const html = document.documentElement;
const locale = html.lang;
const base = `/${locale}`;
const page = JSON.parse(document.getElementById("page").textContent);
const words = page.words;
const dataLayer = (window.dataLayer = window.dataLayer || []);
const expedit = (window.expedit = window.expedit || []);
const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
};

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null && value !== false) element.setAttribute(name, value);
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

function tell(event, ecommerce) {
  dataLayer.push({ ecommerce: null });
  dataLayer.push({ event, ecommerce });
}

async function send(path, fields) {
  const answer = await fetch(base + path, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/* Consent: nothing is allowed until the visitor says so. */

function gtag() {
  dataLayer.push(arguments);
}

const states = (yes) => ({
  analytics_storage: yes ? "granted" : "denied",
  personalization_storage: yes ? "granted" : "denied",
});
gtag("consent", "default", { analytics_storage: "denied", personalization_storage: "denied" });
if (page.consent !== null) {
  gtag("consent", "update", {
    analytics_storage: page.consent.analytics ? "granted" : "denied",
    personalization_storage: page.consent.personalization ? "granted" : "denied",
  });
}

const banner = document.querySelector(".consent");

async function decideConsent(analytics, personalization) {
  gtag("consent", "update", {
    ...states(analytics),
    personalization_storage: personalization ? "granted" : "denied",
  });
  expedit.push(["consent", { analytics, personalization }]);
  await send("/consent", { analytics: analytics ? 1 : 0, personalization: personalization ? 1 : 0 });
  banner?.remove();
}
banner?.addEventListener("click", ({ target }) => {
  const choice = target.closest("button")?.dataset.choice;
  if (choice) decideConsent(choice === "all", choice === "all");
});

/* Who: a signed user id after login. */
if (page.user) expedit.push(["identify", page.user.id, { email: page.user.email, name: page.user.name }, page.user.hash]);

/* What the server wants the data layer to know of this page. */
for (const [event, ecommerce] of page.events) tell(event, ecommerce);

/* Cards: the shop's own look around expedit's answers. */

const facts = fetch(`${base}/facts.json`).then((answer) => answer.json(), () => ({}));
const money = (amount, currency) =>
  new Intl.NumberFormat(page.format, { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" }).format(+amount);

function heart(id, title) {
  const liked = page.likes.includes(id);
  const button = make(
    "button",
    { type: "button", class: "heart", "data-like": id, "aria-pressed": liked, "aria-label": `${words.like}: ${title}` },
    icon("heart"),
  );
  return button;
}

function drawRating(rating) {
  const value = (+rating.value).toLocaleString(page.format, { minimumFractionDigits: 1 });
  const label = { class: "rating", role: "img", "aria-label": rating.text };
  return make("span", label, icon("star"), `${value} `, make("span", {}, `(${rating.count})`));
}

function drawCard(item) {
  const off = item.salePrice;
  const badge = off ? `−${Math.floor(100 - (100 * off) / item.price)} %` : item.badge === "new" ? words.isNew : "";
  const sub = make("span", { class: "sub" });
  const dots = make("span", { class: "dots", "aria-hidden": "true" });
  facts.then((all) => {
    const [text, colors] = all[item.id] || ["", []];
    sub.textContent = text;
    for (const color of colors) {
      const dot = make("i", {});
      dot.style.background = color;
      dots.append(dot);
    }
  });
  return make(
    "article",
    { class: "card", "data-product": item.id },
    make(
      "span",
      { class: "tile" },
      make("img", { src: item.imageUrl, alt: "", width: 400, height: 500, loading: "lazy", decoding: "async" }),
      badge ? make("span", { class: `badge${off ? " off" : ""}` }, badge) : null,
    ),
    heart(item.id, item.title),
    make("a", { class: "name", href: base + item.url }, item.title),
    sub,
    dots,
    item.rating ? drawRating(item.rating) : null,
    make(
      "span",
      { class: "price" },
      make("span", { class: off ? "now" : null }, money(off || item.price, item.currency)),
      off ? make("s", {}, money(item.price, item.currency)) : null,
    ),
    off && item.priorPrice ? make("span", { class: "prior" }, `${words.prior} ${money(item.priorPrice, item.currency)}`) : null,
    item.proof ? make("span", { class: "proof" }, item.proof.text) : null,
    item.reason ? make("span", { class: "reason" }, icon("spark"), make("span", {}, item.reason.text)) : null,
  );
}
expedit.push(["template", "default", drawCard]);

const shown = new Map();
expedit.push([
  "on",
  "decision",
  (decision, element) => {
    if (!decision.items.length) return;
    shown.set(decision.placement, decision);
    const link = make("button", { type: "button", class: "why-link" }, words.why);
    link.addEventListener("click", () => openDrawer(decision.decisionId, decision.items[0].id));
    element.querySelector("section")?.append(link);
  },
]);

/* Clicks that stay on the page. */

document.addEventListener("click", async (event) => {
  const like = event.target.closest("[data-like]");
  if (like) {
    event.preventDefault();
    const id = like.dataset.like;
    const answer = await send("/like", { product: id });
    page.likes = answer.likes;
    for (const other of document.querySelectorAll(`[data-like="${CSS.escape(id)}"]`)) {
      other.setAttribute("aria-pressed", answer.liked);
    }
    tell(answer.liked ? "add_to_wishlist" : "remove_from_wishlist", { items: [answer.item] });
  }
});

document.querySelector(".burger")?.addEventListener("click", ({ currentTarget }) => {
  const open = document.querySelector(".menu").classList.toggle("open");
  document.querySelector(".find").classList.toggle("open", open);
  currentTarget.setAttribute("aria-expanded", open);
});

/* Product page */

const stage = document.querySelector(".stage img");
for (const thumb of document.querySelectorAll(".thumbs button")) {
  thumb.addEventListener("click", () => {
    for (const other of document.querySelectorAll(".thumbs button")) other.setAttribute("aria-current", other === thumb);
    stage.style.setProperty("--z", thumb.dataset.z);
    stage.style.setProperty("--y", thumb.dataset.y);
  });
}

document.querySelector("form.add")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    const answer = await send("/cart/add", new FormData(form));
    tell("add_to_cart", answer.ecommerce);
    setCount(answer.count);
    toast(answer);
  } finally {
    button.disabled = false;
  }
});

function setCount(count) {
  const mark = document.querySelector("[data-count]");
  mark.textContent = count;
  mark.hidden = !count;
}

let toastTimer;
function toast({ image, title }) {
  document.querySelector(".toast")?.remove();
  clearTimeout(toastTimer);
  const box = make(
    "div",
    { class: "toast", role: "status" },
    make("img", { src: image, alt: "", width: 52, height: 65 }),
    make("div", {}, make("div", {}, `${title} ${words.added}`), make("a", { href: `${base}/cart` }, words.toCart)),
  );
  document.body.append(box);
  toastTimer = setTimeout(() => box.remove(), 6000);
}

/* Filters and other choices that lead to a new list at once. */
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", () => {
    const open = form.querySelector("details[data-facet][open]");
    if (open) sessionStorage.setItem("facet", open.dataset.facet);
    // What is not chosen need not stand in the address.
    for (const field of form.querySelectorAll("select, [type=radio]")) {
      if (!field.value || field.value === "recommended") field.disabled = true;
    }
    form.requestSubmit();
  });
}

/* Several values of one facet are chosen one after the other: it is open again on the next page. */
const facets = document.querySelectorAll("details[data-facet]");
const opened = document.querySelector(`details[data-facet="${sessionStorage.getItem("facet")}"]`);
sessionStorage.removeItem("facet");
if (opened) {
  opened.open = true;
  opened.querySelector(":checked, input")?.focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  for (const facet of facets) {
    const shuts = event.target.closest("[data-shuts]");
    const beside = facet.open && (!facet.contains(event.target) || event.target === facet);
    if (shuts || beside) facet.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const facet = event.key === "Escape" && [...facets].find((one) => one.open);
  if (!facet) return;
  facet.open = false;
  facet.querySelector("summary").focus();
});

/* The drawer */

const drawer = document.querySelector("dialog.drawer");
let watching;
let asked = { decision: "", item: "" };

async function fillDrawer() {
  const answer = await fetch(`${base}/drawer?${new URLSearchParams(asked)}`);
  if (!answer.ok) return;
  const body = drawer.querySelector(".body");
  const top = body.scrollTop;
  const fresh = await answer.text();
  if (fresh === body.dataset.last) return;
  body.dataset.last = fresh;
  body.innerHTML = fresh; // The storefront's own server rendered and escaped it.
  drawer.querySelector("[data-summary]").textContent = body.querySelector("[data-head]")?.dataset.head || "";
  const personal = body.querySelector("[data-personal]");
  if (personal) drawer.querySelector("[name=personal]").checked = personal.dataset.personal === "1";
  for (const bar of body.querySelectorAll("[data-width]")) {
    bar.style.setProperty("--from", `${bar.dataset.from || 0}%`);
    bar.style.setProperty("--width", `${bar.dataset.width}%`);
    if (bar.closest(".meter")) bar.style.width = `${bar.dataset.width}%`;
    if (bar.dataset.hue) bar.style.setProperty("--hue", bar.dataset.hue);
    if (bar.dataset.color) bar.style.background = bar.dataset.color;
  }
  for (const dot of body.querySelectorAll("[data-dot]")) dot.style.background = dot.dataset.dot;
  body.scrollTop = top;
}

function openDrawer(decision = "", item = "") {
  const first = decision ? null : shown.get("home-for-you") || [...shown.values()][0];
  asked = { decision: decision || first?.decisionId || "", item: item || first?.items[0].id || "" };
  if (!drawer.open) drawer.showModal();
  fillDrawer();
  clearInterval(watching);
  watching = setInterval(fillDrawer, 2000);
}
document.querySelector(".open-drawer").addEventListener("click", () => openDrawer());
for (const link of document.querySelectorAll("[data-open-drawer]")) link.addEventListener("click", () => openDrawer());
drawer.addEventListener("close", () => clearInterval(watching));
drawer.addEventListener("click", async (event) => {
  if (event.target === drawer || event.target.closest(".close")) drawer.close();
  const other = event.target.closest("[data-why]");
  if (other) {
    asked.item = other.dataset.why;
    fillDrawer();
  }
  if (event.target.closest("[data-forget]") && confirm(words.forgetAsk)) {
    await send("/forget", {});
    expedit.push(["consent", { analytics: false, personalization: false }]);
    expedit.push(["reset"]);
    location.reload();
  }
});
drawer.querySelector("[name=personal]").addEventListener("change", async ({ target }) => {
  await decideConsent(true, target.checked);
  setTimeout(fillDrawer, 700);
});
