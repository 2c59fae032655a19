/** Points at the spot of a placement, on the shop's own page: loaded only for somebody who comes from the panel. */

import { lastingOf, selectorOf } from "./picking";

const WORDS = {
  en: {
    how: "Point at the spot and click. Arrow keys: up and down go out and in, left and right to neighbors.",
    where: "How it stands to the spot", append: "inside, last", before: "before", after: "after", replace: "instead of",
    save: "Save in the draft", leave: "Leave", saved: "Saved in the draft. Publish it in the panel.", failed: "It was not saved:",
  },
  sv: {
    how: "Peka på platsen och klicka. Piltangenter: upp och ned går ut och in, vänster och höger till grannar.",
    where: "Hur den står till platsen", append: "inuti, sist", before: "före", after: "efter", replace: "i stället för",
    save: "Spara i utkastet", leave: "Lämna", saved: "Sparat i utkastet. Publicera det i panelen.", failed: "Det sparades inte:",
  },
  nb: {
    how: "Pek på stedet og klikk. Piltaster: opp og ned går ut og inn, venstre og høyre til naboer.",
    where: "Hvordan den står til stedet", append: "inni, sist", before: "før", after: "etter", replace: "i stedet for",
    save: "Lagre i utkastet", leave: "Forlat", saved: "Lagret i utkastet. Publiser det i panelet.", failed: "Det ble ikke lagret:",
  },
};
const POSITIONS = ["append", "before", "after", "replace"] as const;

const STYLE = `
:host { all: initial; }
.spot { position: fixed; z-index: 2147483646; pointer-events: none; outline: 3px solid #066fd1; background: rgb(6 111 209 / 15%); }
.bar { position: fixed; z-index: 2147483647; inset: auto 0 0; display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center;
  padding: 12px 16px; background: #182433; color: #fff; font: 15px/1.4 system-ui, sans-serif; box-shadow: 0 -2px 12px rgb(0 0 0 / 30%); }
.bar p { flex: 1 1 16rem; margin: 0; } code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; color: #9ecbff; }
select, button { padding: 8px 12px; border: 1px solid #6c7a91; border-radius: 6px; background: #243449; color: #fff; font: inherit; }
.save { border-color: #066fd1; background: #066fd1; } :focus-visible { outline: 3px solid #9ecbff; outline-offset: 2px; }
button:disabled { opacity: .5; }`;

interface Facts {
  title: string;
  language: keyof typeof WORDS;
}

/** What the token says of itself; only the server can tell whether it is true. */
function factsOf(token: string): Facts {
  const written = atob(token.split(".")[0]!.replace(/-/g, "+").replace(/_/g, "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(written, (sign) => sign.charCodeAt(0))));
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", className = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

/** Begin pointing; `endpoint` is where the server's routes live. */
function startPicking(token: string, endpoint: string): void {
  const { title, language } = factsOf(token);
  const say = WORDS[language] ?? WORDS.en;
  let spot: Element = document.querySelector("main") ?? document.body;
  let held = false;

  const host = make("div");
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(STYLE);
  root.adoptedStyleSheets = [style];
  const frame = make("div", "", "spot");
  const bar = make("div", "", "bar");
  bar.setAttribute("role", "dialog");
  bar.setAttribute("aria-label", title);
  const told = make("p");
  told.setAttribute("role", "status");
  const where = make("select");
  where.setAttribute("aria-label", say.where);
  for (const name of POSITIONS) where.append(new Option(say[name], name));
  const save = make("button", say.save, "save");
  const leave = make("button", say.leave);
  bar.append(told, where, save, leave);
  root.append(frame, bar);
  document.documentElement.append(host);

  const draw = (): void => {
    const box = spot.getBoundingClientRect();
    Object.assign(frame.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` });
  };
  const choose = (element: Element | null | undefined): void => {
    if (!element || element === host || element === document.documentElement || !document.body.contains(element)) return;
    spot = lastingOf(element);
    told.replaceChildren(make("strong", title), " ", held ? "" : say.how, " ", make("code", selectorOf(spot)));
    draw();
  };
  const stop = (): void => {
    watching.abort();
    host.remove();
    history.replaceState(history.state, "", location.pathname + location.search);
  };
  const send = async (): Promise<void> => {
    save.disabled = true;
    const body = JSON.stringify({ token, selector: selectorOf(spot), position: where.value });
    const answer = await fetch(`${endpoint}/v1/placement-picks`, { method: "POST", body, credentials: "omit" }).catch(() => undefined);
    save.disabled = false;
    const wrong = answer?.ok ? "" : ((await answer?.json().catch(() => undefined))?.detail ?? String(answer?.status ?? ""));
    told.textContent = answer?.ok ? `${title}: ${say.saved}` : `${say.failed} ${wrong}`;
  };

  const watching = new AbortController();
  const listen = <T extends Event>(name: string, act: (event: T) => void): void =>
    document.addEventListener(name, act as (event: Event) => void, { capture: true, signal: watching.signal });
  const ours = (event: Event): boolean => event.composedPath().includes(host);
  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  listen<PointerEvent>("pointerover", (event) => {
    if (!held && !ours(event)) choose(event.target as Element);
  });
  listen("scroll", draw);
  for (const name of ["pointerdown", "mousedown", "mouseup", "auxclick"]) listen(name, (event) => ours(event) || swallow(event));
  listen<MouseEvent>("click", (event) => {
    if (ours(event)) return;
    swallow(event);
    held = true;
    choose(event.target as Element);
    where.focus();
  });
  listen<KeyboardEvent>("keydown", (event) => {
    const inField = ours(event) && event.composedPath()[0] !== bar;
    if (event.key === "Escape") {
      swallow(event);
      return held ? void ((held = false), (document.activeElement as HTMLElement | null)?.blur(), choose(spot)) : stop();
    }
    if (inField) return;
    const steps: Record<string, () => Element | null | undefined> = {
      ArrowUp: () => spot.parentElement,
      ArrowDown: () => spot.firstElementChild,
      ArrowLeft: () => spot.previousElementSibling,
      ArrowRight: () => spot.nextElementSibling,
    };
    if (event.key in steps) {
      swallow(event);
      held = true;
      choose(steps[event.key]!());
      spot.scrollIntoView({ block: "nearest" });
      draw();
    } else if (event.key === "Enter") {
      swallow(event);
      held = true;
      where.focus();
    }
  });
  window.addEventListener("resize", draw, { signal: watching.signal });
  save.addEventListener("click", () => void send());
  leave.addEventListener("click", stop);
  choose(spot);
}

const script = document.currentScript as HTMLScriptElement | null;
const token = /#expedit-pick=([\w.-]+)/.exec(location.hash)?.[1];
if (script && token) startPicking(token, new URL(".", script.src).href.replace(/\/$/, ""));
