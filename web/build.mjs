// Builds web/dist: hashed names, and manifest.json from logical to hashed names.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";

const out = "dist/assets";
const manifest = {};

async function put(name, bytes) {
  const dot = name.lastIndexOf(".");
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const file = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  await writeFile(`${out}/${file}`, bytes);
  manifest[name] = file;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const result = await build({
  entryPoints: { app: "src/app.ts", topology: "src/topology.ts", plumbline: "src/plumbline.css" },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "none",
  loader: { ".woff2": "file" },
  assetNames: "[name]-[hash]",
  entryNames: "[name]-[hash]",
  outdir: out,
  metafile: true,
  logLevel: "warning",
});
for (const [file, made] of Object.entries(result.metafile.outputs)) {
  if (!made.entryPoint) continue;
  const logical = made.entryPoint.endsWith(".css") ? "plumbline.css" : made.entryPoint.replace(/^src\/(.*)\.ts$/, "$1.js");
  manifest[logical] = file.slice(out.length + 1);
}

// One sprite; an outer file is not styled by the page, so drawings carry attributes.
const icons = (await readdir("src/icons")).filter((f) => f.endsWith(".svg")).sort();
let sprite = '<svg xmlns="http://www.w3.org/2000/svg">';
for (const f of icons) {
  const text = await readFile(`src/icons/${f}`, "utf8");
  const body = text.slice(text.indexOf(">") + 1, text.lastIndexOf("</svg>")).trim();
  sprite += `<symbol id="${f.slice(0, -4)}" viewBox="0 0 16 16">${body}</symbol>`;
}
await put("icons.svg", Buffer.from(sprite + "</svg>\n"));
await put("logo.svg", await readFile("src/logo.svg"));

let licences = "";
for (const p of ["@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono", "htmx.org"]) {
  licences += `${p}\n${"=".repeat(p.length)}\n\n${await readFile(`node_modules/${p}/LICENSE`, "utf8")}\n\n`;
}
await put("licences.txt", Buffer.from(licences));

const sorted = Object.fromEntries(Object.entries(manifest).sort());
await writeFile("dist/manifest.json", JSON.stringify(sorted, null, 2) + "\n");
