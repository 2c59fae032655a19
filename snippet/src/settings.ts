/** What the script tag says, read once before anything else runs: its attributes, or its address's query. */

export let writeKey = "";
/** Where `/v1/…` lives, without a trailing slash. */
export let endpoint = "";
export let market: string | undefined;
export let locale = "";
/** Whether the endpoint shares the page's site, so that its first-party cookie works. */
export let sameSite = false;

/** Read what the tag says; throws when it lacks its key. */
export function readSettings(script: HTMLScriptElement): void {
  // A tag manager can choose the address of a script, but none of its attributes.
  const query = new URL(script.src).searchParams;
  const given = (name: string) => script.dataset[name] || query.get(name) || undefined;
  writeKey = given("writeKey")!;
  if (!writeKey) throw "no writeKey";
  const url = new URL(given("endpoint") || ".", script.src);
  endpoint = url.href.replace(/\/$/, "");
  market = given("market");
  locale = given("locale") || document.documentElement.lang || navigator.language;
  // e.shop.se serves shop.se and www.shop.se; a wrong guess costs a cookie, not an error.
  sameSite = `.${location.hostname}`.endsWith(url.hostname.replace(/^[^.]*(?=\..*\.)/, ""));
}
