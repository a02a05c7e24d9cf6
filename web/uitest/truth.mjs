import { readFile } from "node:fs/promises";
import { api } from "./appliance.mjs";

const same = (say, what, got, want) => {
  const a = JSON.stringify([...got].sort());
  const b = JSON.stringify([...want].sort());
  if (a !== b) say(`${what}: the pages say ${a}, the simulator ${b}`);
};

const end = (e) => `${e.device} ${e.port}`;
export const cable = (l) => [end(l.a), end(l.b)].sort().join(" = ");

// What is really there. An access point is a device like the others, with one
// port of its own, whose configuration its controller keeps.
export async function readTruth(app) {
  const truth = JSON.parse(await readFile(app.truth, "utf8"));
  const aps = truth.access_points.map((a) => ({ ...a, kind: "access-point" }));
  return { ...truth, all: [...truth.devices, ...aps], cables: [...truth.links, ...aps.map((a) => ({ a: { device: a.name, port: "Gi0" }, b: a.at }))] };
}

// Compares what pages and API say with what the simulator says of itself.
export async function compareTruth(browser, app, cookies, say) {
  const truth = await readTruth(app);
  const devices = (await api(app.base, cookies, "/devices?limit=250")).items;
  const device = (d) => [d.name, d.address, d.platform, d.kind, d.model, d.serial, d.site, d.controller ?? d.managed?.name].join(" ");
  same(say, "devices", devices.map(device), truth.all.map(device));
  same(say, "running texts", devices.filter((d) => d.running).map((d) => d.name), truth.devices.map((d) => d.name));
  same(say, "startup texts", devices.filter((d) => d.startup).map((d) => d.name), truth.devices.filter((d) => d.has_startup).map((d) => d.name));
  same(say, "links", (await api(app.base, cookies, "/links?limit=250")).items.filter((l) => l.layer === "l2").map(cable), truth.cables.map(cable));
  same(say, "not saved", devices.filter((d) => d.unsaved > 0).map((d) => d.name), truth.unsaved);
  const context = await browser.newContext();
  await context.addCookies(cookies);
  const page = await context.newPage();
  const total = async (path, region) => {
    await page.goto(app.base + path);
    const text = await page.locator(`[data-total="${region}"]`).first().textContent({ timeout: 3000 }).catch(() => "0");
    return Number((text ?? "0").replaceAll(",", ""));
  };
  const expect = async (path, region, want) => {
    const got = await total(path, region);
    if (got !== want) say(`${path} shows ${got} rows, expected ${want}`);
  };
  await expect("/devices", "devices", truth.all.length);
  await expect("/devices?q=saved:no", "devices", truth.unsaved.length);
  await expect("/devices?q=backup:fresh", "devices", truth.devices.length);
  await expect("/topology", "links", truth.cables.length);
  for (const site of new Set(truth.all.map((d) => d.site).filter(Boolean))) {
    await expect(`/devices?q=${encodeURIComponent(`site:"${site}"`)}`, "devices", truth.all.filter((d) => d.site === site).length);
  }
  await expect(`/devices?q=${encodeURIComponent('backup:controller')}`, "devices", truth.access_points.length);
  const results = (await api(app.base, cookies, "/compliance/results?limit=1&verdict=fail")).total;
  const passes = (await api(app.base, cookies, "/compliance/results?limit=1&verdict=pass")).total;
  if (!results || !passes) say(`verdicts: ${results} fail, ${passes} pass; both were expected`);
  await expect("/compliance/results?verdict=fail", "verdicts", results);
  await figures(page, app.base, say, { fresh: truth.devices.length, unsaved: truth.unsaved.length, fail: results });
  await checkRuns(page, app, cookies, say);
  await context.close();
  return `${truth.all.length} devices, ${truth.cables.length} links and ${results + passes} verdicts are as the simulator says`;
}

// The newest run is over, its numbers add up, and its page says the same.
export async function checkRuns(page, app, cookies, say) {
  const [run] = await api(app.base, cookies, "/discovery");
  if (!run) return say("no discovery run is recorded");
  if (run.state === "done" && run.asked !== run.answered + run.silent + run.refused) say(`the run does not add up: ${JSON.stringify(run)}`);
  await page.goto(`${app.base}/discovery/${run.id}`);
  for (const key of ["asked", "answered", "walked", "identified", "new"]) {
    const text = await page.locator(`[data-funnel="${key}"]`).textContent();
    if (Number(text.replaceAll(",", "")) !== run[key] && run.state === "done") say(`the run's page says ${text} ${key}, the API ${run[key]}`);
  }
}

// The figures of the overview that the simulator knows too. That each is the
// length of its list is checked on every page, see counts.mjs.
async function figures(page, base, say, want) {
  await page.goto(base + "/");
  const got = Object.fromEntries(await page.$$eval("[data-figure]", (els) => els.map((e) => [e.dataset.figure, Number(e.dataset.count)])));
  for (const [key, n] of Object.entries(want)) {
    if (got[key] !== n) say(`overview, ${key}: ${got[key]}, expected ${n}`);
  }
}
