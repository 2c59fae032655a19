/** What the script tag says, read once before anything else runs. */

export let writeKey = "";
/** Where `/v1/…` lives, without a trailing slash. */
export let endpoint = "";
export let market: string | undefined;
export let locale = "";
/** Whether the endpoint shares the page's site, so that its first-party cookie works. */
export let sameSite = false;

/** Read the tag's attributes; throws when it lacks its key. */
export function readSettings(script: HTMLScriptElement): void {
  const given = script.dataset;
  if (!given.writeKey) throw "data-write-key is missing";
  const url = new URL(given.endpoint || ".", script.src);
  writeKey = given.writeKey;
  endpoint = url.href.replace(/\/$/, "");
  market = given.market;
  locale = given.locale || document.documentElement.lang || navigator.language;
  // e.shop.se serves shop.se and www.shop.se; a wrong guess costs a cookie, not an error.
  sameSite = `.${location.hostname}`.endsWith(url.hostname.replace(/^[^.]*(?=\..*\.)/, ""));
}
