// Bundles the panel's scripts and styles into dist/; the names of the icons that it needs come as arguments.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url).pathname;
const shared = { bundle: true, minify: true, charset: "utf8", target: "es2022", legalComments: "none", outdir: here("dist") };

rmSync(here("dist"), { recursive: true, force: true });
mkdirSync(here("dist"), { recursive: true });
await build({
  ...shared,
  entryPoints: [here("src/panel.ts")],
  format: "esm",
  splitting: true, // the charts become a file of their own, loaded where there is one
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
});
await build({ ...shared, entryPoints: [here("src/theme.ts")], format: "iife" });
await build({ ...shared, entryPoints: [here("src/panel.css")], external: ["*.woff2"] });

const icons = process.argv.slice(2).map((name) => {
  const [style, plain] = name.endsWith("-filled") ? ["filled", name.slice(0, -7)] : ["outline", name];
  const file = readFileSync(here(`node_modules/@tabler/icons/icons/${style}/${plain}.svg`), "utf8");
  const inner = file
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z"[^>]*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
});
writeFileSync(here("dist/icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n${icons.join("\n")}\n</svg>\n`);
copyFileSync(here("src/icon.svg"), here("dist/icon.svg"));
for (const part of ["latin", "latin-ext"]) {
  const name = `hanken-grotesk-${part}-wght-normal.woff2`;
  copyFileSync(here(`node_modules/@fontsource-variable/hanken-grotesk/files/${name}`), here(`dist/${name}`));
}
