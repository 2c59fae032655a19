// Bundles the scripts into dist/ and refuses a file that is too heavy for a shop's pages.
import { build } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

// Bytes, gzipped, by file.
const LIMITS = { "expedit.js": ["index.ts", 5000], "expedit-consent.js": ["consent-platforms.ts", 1200], "expedit-pick.js": ["picker.ts", 3500] };
const here = (path) => new URL(path, import.meta.url).pathname;

mkdirSync(here("dist"), { recursive: true });
for (const [name, [source, limit]] of Object.entries(LIMITS)) {
  const bundle = await build({
    entryPoints: [here(`src/${source}`)],
    bundle: true,
    write: false,
    format: "esm",
    target: name === "expedit-pick.js" ? "es2022" : "es2018", // who points at spots has a browser of today
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
  console.log(`dist/${name}: ${Buffer.byteLength(file)} bytes, ${size} bytes gzipped (limit ${limit})`);
  if (size > limit) {
    console.error(`${name} is ${size - limit} bytes over its limit.`);
    process.exit(1);
  }
  writeFileSync(here(`dist/${name}`), file);
}
