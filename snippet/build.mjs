// Bundles the snippet into dist/expedit.js and refuses a file that is too heavy for a shop's pages.
import { build } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

const LIMIT = 5000; // bytes, gzipped
const here = (path) => new URL(path, import.meta.url).pathname;

const bundle = await build({
  entryPoints: [here("src/index.ts")],
  bundle: true,
  write: false,
  format: "esm",
  target: "es2018",
  charset: "utf8",
  minifySyntax: true,
});
// esbuild removes types and joins the modules; terser then saves some four percent more.
const { code } = await minify(bundle.outputFiles[0].text, {
  ecma: 2018,
  module: true,
  enclose: true,
  compress: { passes: 6, hoist_funs: true, unsafe_arrows: true, pure_getters: true, keep_fargs: false },
});

const file = `${code}\n`;
const size = gzipSync(file, { level: 9 }).length;
console.log(`dist/expedit.js: ${Buffer.byteLength(file)} bytes, ${size} bytes gzipped (limit ${LIMIT})`);
if (size > LIMIT) {
  console.error(`The snippet is ${size - LIMIT} bytes over its limit.`);
  process.exit(1);
}
mkdirSync(here("dist"), { recursive: true });
writeFileSync(here("dist/expedit.js"), file);
