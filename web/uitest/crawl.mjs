import { join } from "node:path";
import { shots } from "./browser.mjs";
import { checkPage, checkWidths, hint } from "./check.mjs";
import { atOnce, checkCounts } from "./counts.mjs";

// Parts of a path that name one of many alike: the id of a record, a group of
// drift by its hash, a rule and a profile by its name.
const oneOfMany = (part, i, parts) => /^[0-9A-HJKMNP-TV-Z]{26}$|^[0-9a-f]{16,}$/.test(part) || (i === 3 && parts[1] === "compliance" && ["rules", "profiles"].includes(parts[2]));

// The kind of a page: its path without what names one of many, and how it is
// shown. null: no page of its own.
function kindOf(href) {
  const u = new URL(href, "http://h");
  const parts = u.pathname.split("/").map((p, i, all) => (oneOfMany(p, i, all) ? "*" : p));
  if (/\.(csv|json|svg)$/.test(u.pathname) || ["static", "logout"].includes(parts[1]) || ["raw", "data"].includes(parts.at(-1))) return null;
  return [parts.join("/"), ...["view", "as", "in"].map((k) => u.searchParams.get(k) ?? "")].join(" ");
}

// Visits a page of every kind that links lead to, from the seeds on. Gives the
// links that it met and how many pages it visited. numbers is what was followed
// to its rows already.
export async function crawl(browser, app, cookies, theme, say, { seeds = ["/"], mark = "", sizes = [], numbers = new Set() } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("console", (m) => hint(m) || say(`console on ${page.url()}: ${m.type()}: ${m.text()}`));
  page.on("pageerror", (e) => say(`script on ${page.url()}: ${e.message}`));
  const seen = new Set(seeds);
  const done = new Map(); // kind to the page of it that was visited
  const visit = async (path) => {
    const answer = await page.goto(app.base + path, { waitUntil: "load" });
    if (!answer || answer.status() >= 400) say(`${path}: ${answer?.status()}`);
    await page.waitForTimeout(150);
    await checkPage(page, path, theme, say);
    const name = path.replace(/^\//, "").replace(/[^a-z0-9]+/gi, "-").slice(0, 60) || "overview";
    await page.screenshot({ path: join(shots, `${mark}${name}-${theme}.png`), mask: [page.locator("time")] });
    for (const href of await page.$$eval("a[href^='/']", (as) => as.map((a) => a.getAttribute("href")))) seen.add(href.split("#")[0]);
    await checkCounts(page, path, numbers, say);
    await checkWidths(page, path, sizes, say);
  };
  for (;;) {
    const next = [...seen].find((href) => kindOf(href) && !done.has(kindOf(href)));
    if (!next) break;
    done.set(kindOf(next), next);
    await visit(next);
  }
  await context.clearCookies();
  if (cookies.length) await visit("/login");
  await context.close();
  return { links: seen, pages: done.size };
}

const ofEachKind = 12;

// Asks for links of every kind, a dozen of those that differ by an id only.
export async function resolveLinks(app, links, cookies, say) {
  const cookie = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
  const asked = new Map();
  const todo = [...links].filter((href) => {
    const path = new URL(href, "http://h").pathname;
    const kind = kindOf(href) ?? path.replace(/[0-9A-HJKMNP-TV-Z]{26}/g, "*");
    asked.set(kind, (asked.get(kind) ?? 0) + 1);
    return path !== "/logout" && asked.get(kind) <= ofEachKind;
  });
  await atOnce(4, todo, async (href) => {
    const r = await fetch(app.base + href, { headers: { cookie }, redirect: "manual" });
    if (r.status >= 400) say(`the link ${href} answers ${r.status}`);
    await r.arrayBuffer();
  });
  return todo.length;
}
