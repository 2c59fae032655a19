// <button data-copies="text"> puts the text on the clipboard and says so for a moment.

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Pages that came over plain HTTP have no clipboard: select the text in a field and copy that.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function watchCopying(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copies]");
    if (!button) return;
    await copy(button.dataset.copies ?? "");
    const said = button.querySelector<HTMLElement>("[data-copied]");
    button.classList.add("is-copied");
    if (said) said.textContent = said.dataset.copied ?? "";
    setTimeout(() => {
      button.classList.remove("is-copied");
      if (said) said.textContent = "";
    }, 1600);
  });
}
