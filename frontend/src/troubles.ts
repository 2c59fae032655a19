// Requests that a busy server turned away, or that never reached it: asked again where that is safe, else told.

import { showToasts } from "./toasts";

interface Asked {
  ctx: {
    fetch?: typeof fetch;
    sourceElement: Element;
    request: { method: string };
    response?: { status: number; headers: Headers };
  };
}

const TRIES = 3;
const LONGEST_MS = 3000;

// A fetch that comes again when the server says that it is busy.
async function patiently(address: RequestInfo | URL, request?: RequestInit): Promise<Response> {
  for (let left = TRIES; ; left -= 1) {
    const answer = await fetch(address, request);
    if (answer.status !== 503 || left === 1) return answer;
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => window.setTimeout(resolve, Math.min(seconds * 1000, LONGEST_MS)));
  }
}

function tell(): void {
  const message = document.querySelector<HTMLTemplateElement>("template[data-trouble]");
  const place = message?.parentElement;
  if (!message || !place || place.querySelector("[data-toast].trouble")) return;
  place.append(message.content.cloneNode(true));
  showToasts(place);
}

export function watchTroubles(): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = (event as CustomEvent<Asked>).detail;
    const onlyAsks = ctx.request.method === "GET" || ctx.sourceElement.getAttribute("role") === "search";
    if (onlyAsks) ctx.fetch = patiently;
  });
  // What was refused before the panel saw it is no page: it stays out of the page that is open.
  document.addEventListener("htmx:before:swap", (event) => {
    const { response } = (event as CustomEvent<Asked>).detail.ctx;
    if (!response || response.status < 400 || response.headers.get("Content-Type")?.startsWith("text/html")) return;
    event.preventDefault();
    tell();
  });
  document.addEventListener("htmx:error", tell);
}
