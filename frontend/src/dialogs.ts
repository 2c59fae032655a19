// <button data-dialog="id"> opens <dialog id="id">; [data-closes] inside closes it, so does a click beside it.

export function watchDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog ?? "");
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    if (target.closest("[data-closes]") || target instanceof HTMLDialogElement) {
      target.closest("dialog")?.close();
    }
  });
  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method !== "post" || form.dataset.sent) {
      if (form.dataset.sent) event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) {
      button.classList.add("btn-loading");
    }
  });
  // Back in the history: the page may be shown as it was left.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll(".btn-loading")) button.classList.remove("btn-loading");
    }
  });
}
