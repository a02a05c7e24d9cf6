import { cable, readTruth } from "./truth.mjs";

const same = (say, what, got, want) => {
  const a = JSON.stringify([...got].sort());
  const b = JSON.stringify([...want].sort());
  if (a !== b) say(`map, ${what}: it shows ${a}, the simulator says ${b}`);
};

// The map against the simulator's truth, and what pointer, keys and a browser without script get of it.
export async function compareMap(browser, app, cookies, say) {
  const truth = await readTruth(app);
  const cookie = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
  const load = async (query) => (await fetch(`${app.base}/topology/data${query}`, { headers: { cookie } })).json();
  const first = await load("?layer=l2");
  const second = await load("?layer=l2");
  const places = (d) => JSON.stringify([d.nodes.map((n) => n.slice(0, 3)), d.links.map((l) => l[10])]);
  if (places(first) !== places(second)) say("map: positions differ between two loads");
  const drawn = first.nodes.filter((n) => n[9] === 0); // all but counted nodes
  same(say, "devices", drawn.map((n) => n[7]), truth.all.map((d) => d.name));
  same(say, "links", first.links.map((l) => [`${first.nodes[l[0]][7]} ${l[7]}`, `${first.nodes[l[1]][7]} ${l[8]}`].sort().join(" = ")),
    truth.cables.map(cable));
  await drive(browser, app, cookies, say);
  await still(browser, app, cookies, say, first.links.length);
}

// drive uses pointer and keys.
async function drive(browser, app, cookies, say) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("pageerror", (e) => say(`map: ${e.message}`));
  page.on("console", (m) => say(`console on the map: ${m.text()}`));
  const got = page.waitForResponse((r) => r.url().includes("/topology/data"));
  await page.goto(app.base + "/topology");
  const d = await (await got).json();
  const canvas = page.locator("canvas[data-ready]");
  await canvas.waitFor({ timeout: 5000 });
  const box = await canvas.boundingBox();
  const k = Math.min((box.width - 16) / d.width, (box.height - 62) / d.height, 1.25);
  const at = (n) => [box.x + (box.width - d.width * k) / 2 + n[1] * k, box.y + (box.height - 46 - d.height * k) / 2 + n[2] * k];
  const node = d.nodes.find((n) => n[8] < 0 && n[9] === 0);
  const title = page.locator("[data-panel] .panel-title");
  await page.mouse.click(...at(node));
  await title.waitFor({ timeout: 3000 }).catch(() => say("map: a click on a device opens no panel"));
  if ((await title.textContent()) !== node[7]) say(`map: a click on ${node[7]} shows ${await title.textContent()}`);
  if (!page.url().includes(`focus=${node[0]}`)) say("map: what is chosen is not in the address");
  await page.locator("[data-panel] a[data-choose]").first().click();
  await page.locator("[data-panel] .proofs time, [data-panel] .proofs li").first().waitFor({ timeout: 3000 });
  await page.waitForURL(/link=/, { timeout: 5000 }).catch(() => say("map: a link of the panel is not chosen"));
  await page.reload();
  await title.waitFor({ timeout: 3000 }).catch(() => say("map: the panel is lost on reload"));
  await canvas.waitFor({ timeout: 5000 });
  await canvas.focus();
  const says = page.locator("[data-map-says]");
  const before = await says.textContent();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction((was) => { const now = document.querySelector("[data-map-says]")?.textContent; return now && now !== was; }, before, { timeout: 5000 })
    .catch(() => say(`map: an arrow goes nowhere (${before})`));
  const after = await says.textContent();
  await page.keyboard.press("Enter");
  await page.waitForFunction((name) => document.querySelector("[data-panel] .panel-title")?.textContent === name, after.split(",")[0], { timeout: 3000 })
    .catch(() => say(`map: Enter on ${after} opens nothing`));
  for (const key of ["+", "-", "0", "Escape"]) await page.keyboard.press(key);
  if (await title.isVisible()) say("map: Escape does not close the panel");
  await context.close();
}

// still: without script the picture and the table have every link.
async function still(browser, app, cookies, say, links) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.goto(app.base + "/topology?layer=l2");
  const edges = await page.locator("svg.map path.edge").count();
  if (edges !== links) say(`map without script: ${edges} links of ${links}`);
  if (!(await page.locator("svg.map").isVisible())) say("map without script: no picture");
  const svg = await (await context.request.get(app.base + "/topology.svg?layer=l2")).text();
  if (svg.split('<path class="edge').length - 1 !== links) say("the exported picture has another number of links");
  await context.close();
}
