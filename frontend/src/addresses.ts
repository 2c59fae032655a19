// A form that narrows a list while one types keeps the address of what is shown: to send, to reload, to come back to.

export function watchAddresses(): void {
  document.addEventListener("htmx:after:request", (event) => {
    const form = (event.target as Element | null)?.closest<HTMLFormElement>("form[data-keeps-address]");
    if (!form) return;
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && value) asked.append(name, value);
    }
    const query = asked.toString();
    history.replaceState(history.state, "", query ? `${location.pathname}?${query}` : location.pathname);
  });
}
