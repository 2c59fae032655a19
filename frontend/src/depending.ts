// In a form[data-depends="do"], [data-for="boost bury"] is there only while one of these is chosen in `do`; a part of a
// form may depend on a field of its own, also within what depends on another.

export function showDepending(root: ParentNode): void {
  for (const whole of root.querySelectorAll<HTMLElement>("[data-depends]:not([data-shown])")) {
    whole.dataset["shown"] = "yes";
    const name = whole.dataset["depends"] ?? "";
    const form = whole instanceof HTMLFormElement ? whole : whole.closest("form");
    if (!form) continue;
    const settle = (): void => {
      const chosen = String(new FormData(form).get(name) ?? "");
      for (const part of whole.querySelectorAll<HTMLElement>("[data-for]")) {
        if (part.closest("[data-depends]") !== whole) continue;
        part.hidden = !(part.dataset["for"] ?? "").split(" ").includes(chosen);
      }
      // What is not there is neither sent nor checked.
      for (const field of whole.querySelectorAll<HTMLInputElement>("[data-for] :is(input, select, textarea, button)")) {
        field.disabled = field.closest("[data-for][hidden]") !== null;
      }
    };
    whole.addEventListener("change", (event) => {
      if ((event.target as HTMLInputElement).name === name) settle();
    });
    settle();
  }
}
