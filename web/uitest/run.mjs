// The browser suite: the real binary with its demo, every page in both themes,
// numbers against the API and the simulator's own truth.
//   node web/uitest/run.mjs            starts bin/plumbline serve --demo
//   PLUMBLINE_UI_BASE=http://… node …  looks at a server that runs already (no sign-in, no truth)
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, shots } from "./browser.mjs";
import { checkPage, widths } from "./check.mjs";
import { compareTruth } from "./truth.mjs";
import { compareMap } from "./topology.mjs";
import { compareCompliance } from "./compliance.mjs";
import { startBinary, firstAdmin, waitForDemo } from "./appliance.mjs";

const faults = [];
const say = (text) => { faults.push(text); console.log("FAIL", text); };

async function visit(page, base, path, theme, seen) {
  const answer = await page.goto(base + path, { waitUntil: "load" });
  if (!answer || answer.status() >= 400) say(`${path}: ${answer?.status()}`);
  await page.waitForTimeout(150);
  await checkPage(page, path, theme, say);
  const name = path.replace(/^\//, "").replace(/[^a-z0-9]+/gi, "-").slice(0, 60) || "overview";
  await page.screenshot({ path: join(shots, `${name}-${theme}.png`), mask: [page.locator("time")] });
  for (const href of await page.$$eval("a[href^='/']", (as) => as.map((a) => a.getAttribute("href")))) seen.add(href.split("#")[0]);
}

// The kind of a page: its path without the ids in it.
function kindOf(href) {
  const path = href.split("?")[0];
  const parts = path.split("/").filter(Boolean);
  if (/\.(csv|json|svg)$/.test(path) || parts[0] === "static" || parts[2] === "raw") return null;
  if (parts[0] === "devices" && parts.length > 1) return `/devices/*/${parts[2] ?? ""}`;
  if (parts[0] === "configs") return `/configs/*/${parts[2] ?? ""}${href.includes("view=unified") ? "?unified" : ""}`;
  if (parts[0] === "discovery" && parts.length > 1 && parts[1] !== "candidates") return "/discovery/*";
  if (parts[0] === "jobs") return "/jobs/*";
  if (parts[0] === "compliance" && parts[1] === "rules" && parts.length > 2) return "/compliance/rules/*";
  return path;
}

async function crawl(browser, base, cookies, theme) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("console", (m) => say(`console on ${page.url()}: ${m.type()}: ${m.text()}`));
  page.on("pageerror", (e) => say(`script on ${page.url()}: ${e.message}`));
  const seen = new Set(["/"]);
  const done = new Map(); // kind to the page of it that was visited
  for (;;) {
    const next = [...seen].find((href) => kindOf(href) && !done.has(kindOf(href)));
    if (!next) break;
    done.set(kindOf(next), next);
    await visit(page, base, next, theme, seen);
  }
  if (theme === "light") await widths(page, base, [...done.values()], say);
  await context.clearCookies();
  if (cookies.length) await visit(page, base, "/login", theme, new Set());
  await context.close();
  return { seen, done };
}

async function resolveLinks(base, seen, cookies) {
  const cookie = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
  let n = 0;
  for (const href of seen) {
    if (href === "/logout" || n++ > 400) continue;
    const r = await fetch(base + href, { headers: { cookie }, redirect: "manual" });
    if (r.status >= 400) say(`the link ${href} answers ${r.status}`);
    await r.arrayBuffer();
  }
  return n;
}

async function main() {
  await mkdir(shots, { recursive: true });
  const fixed = process.env.PLUMBLINE_UI_BASE;
  const data = await mkdtemp(join(tmpdir(), "plumbline-ui-"));
  const app = fixed ? { base: fixed, stop: async () => {} } : await startBinary(data);
  const browser = await launch();
  try {
    const cookies = fixed ? [] : await firstAdmin(browser, app, say);
    if (!fixed) {
      await waitForDemo(app.base, cookies, say, app.truth);
      await compareTruth(browser, app, cookies, say);
      await compareMap(browser, app, cookies, say);
      await compareCompliance(browser, app, cookies, say);
    }
    let pages = 0;
    let links = new Set();
    for (const theme of ["light", "dark"]) {
      const { seen, done } = await crawl(browser, app.base, cookies, theme);
      pages += done.size;
      for (const s of seen) links.add(s);
    }
    const n = await resolveLinks(app.base, links, cookies);
    console.log(`browser suite: ${pages} pages (light and dark), ${n} links, ${faults.length} faults; pictures in ${shots}`);
  } finally {
    await browser.close();
    await app.stop();
    await rm(data, { recursive: true, force: true });
  }
  process.exitCode = faults.length ? 1 : 0;
}

await main();
