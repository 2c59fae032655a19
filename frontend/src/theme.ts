// Runs before the first paint: light, dark, or what the system wishes.
const wished = localStorage.getItem("expedit-theme") ?? "auto";
const dark = wished === "dark" || (wished === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
document.documentElement.dataset.themeWish = wished;
