// In a form[data-depends="do"], [data-for="boost bury"] is there only while one of these is chosen in `do`.

export function showDepending(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-depends]:not([data-shown])")) {
    form.dataset["shown"] = "yes";
    const name = form.dataset["depends"] ?? "";
    const settle = (): void => {
      const chosen = String(new FormData(form).get(name) ?? "");
      for (const part of form.querySelectorAll<HTMLElement>("[data-for]")) {
        part.hidden = !(part.dataset["for"] ?? "").split(" ").includes(chosen);
      }
      // What is not there is neither sent nor checked.
      for (const field of form.querySelectorAll<HTMLInputElement>("[data-for] :is(input, select, textarea, button)")) {
        field.disabled = field.closest("[data-for][hidden]") !== null;
      }
    };
    form.addEventListener("change", (event) => {
      if ((event.target as HTMLInputElement).name === name) settle();
    });
    settle();
  }
}
