/** A CSS selector for one element of a page: short, and of names that a later build of the theme still has. */

/** Names that a build tool or a script has made up, or that come and go while the page is used. */
const MADE_UP = /\d{2}|[A-Za-z\d]{3,}_{2,}[A-Za-z\d]|^(expedit|css|sc|jsx|svelte|ng|v|is|has)-|^(active|open|hover|focus|selected|show)/;
const HIGHEST = 5; // ancestors that are looked at

const quoted = (name: string) => CSS.escape(name);
const steady = (name: string) => !!name && !MADE_UP.test(name);

/** What an element may be called by itself, the best first. */
function namesOf(element: Element): string[] {
  const tag = element.localName;
  const classes = [...element.classList].filter(steady).map((name) => `.${quoted(name)}`);
  const placement = element.getAttribute("data-expedit");
  return [
    ...(placement ? [`[data-expedit="${quoted(placement)}"]`] : []),
    ...(steady(element.id) ? [`#${quoted(element.id)}`] : []),
    ...classes,
    ...classes.slice(1).map((name) => classes[0] + name),
    ...classes.map((name) => tag + name),
    tag,
  ];
}

const placeOf = (element: Element) => {
  const alike = [...(element.parentElement?.children ?? [])].filter((one) => one.localName === element.localName);
  return alike.length > 1 ? `${element.localName}:nth-of-type(${alike.indexOf(element) + 1})` : element.localName;
};

/** Return what can be pointed at of an element: what a placement has drawn comes and goes, the whole of it stays. */
export const lastingOf = (element: Element): Element => element.closest("[data-expedit]") ?? element;

/** Return a selector that finds `element` and nothing else on the page. */
export function selectorOf(element: Element): string {
  const finds = (selector: string) => {
    const found = element.ownerDocument.querySelectorAll(selector);
    return found.length === 1 && found[0] === element;
  };
  const own = namesOf(element);
  const alone = own.find(finds);
  if (alone) return alone;
  let path = placeOf(element);
  let above = element.parentElement;
  for (let height = 0; above && height < HIGHEST; height++) {
    for (const name of namesOf(above)) {
      const found = [...own, path].map((one) => `${name} ${one}`).find(finds) ?? (finds(`${name} > ${path}`) ? `${name} > ${path}` : "");
      if (found) return found;
    }
    path = `${placeOf(above)} > ${path}`;
    above = above.parentElement;
  }
  for (; above; above = above.parentElement) path = `${placeOf(above)} > ${path}`;
  return path;
}
