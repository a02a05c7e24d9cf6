// The path of a newcomer: an empty appliance before a network that is there,
// from the set-up link to a printed list of verdicts. Nothing is prepared but
// the ports, which a real network does not need.
import { execFileSync, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { api, firstAdmin, startBinary } from "./appliance.mjs";
import { root, shots } from "./browser.mjs";
import { hint } from "./check.mjs";
import { pdfText } from "./pdf.mjs";

async function startNetwork(dir) {
  const bin = join(dir, "simnet");
  execFileSync("go", ["build", "-o", bin, "./internal/sim/cmd/simnet"], { cwd: root, env: { ...process.env, CGO_ENABLED: "0" } });
  const child = spawn(bin, ["-base", "127.81.0.1"], { stdio: ["ignore", "pipe", "inherit"] });
  const over = new Promise((resolve) => child.on("exit", resolve));
  const line = await new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`simnet ended with ${code}`)));
    createInterface({ input: child.stdout }).once("line", resolve);
  });
  return { ...JSON.parse(line), stop: async () => { child.kill("SIGTERM"); await over; } };
}

export async function newcomer(browser, dir, say) {
  const begun = Date.now();
  const net = await startNetwork(dir);
  const home = join(dir, "newcomer");
  await mkdir(join(home, "data"), { recursive: true, mode: 0o700 });
  await writeFile(join(home, "data", "settings.yaml"), `ports: {snmp: ${net.snmp_port}, ssh: ${net.ssh_port}}\n`, { mode: 0o600 });
  const app = await startBinary(home, []);
  try {
    const cookies = await firstAdmin(browser, app, say);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addCookies(cookies);
    const page = await context.newPage();
    page.on("pageerror", (e) => say(`newcomer: ${e.message}`));
    page.on("console", (m) => hint(m) || say(`console on ${page.url()}: ${m.text()}`));
    for (const c of net.credentials) await enter(page, app, c);
    await tryOne(page, app, net.credentials[0], say);
    await discover(page, app, net, say);
    await backUp(page, net, say);
    const pages = await print(page, app, cookies, net, say);
    await context.close();
    return `from the link to ${pages} printed pages in ${Math.round((Date.now() - begun) / 1000)} s`;
  } finally {
    await app.stop();
    await net.stop();
  }
}

async function enter(page, app, c) {
  await page.goto(app.base + "/settings/credentials/new");
  await page.fill("#c-name", c.name);
  await page.fill("#c-scope", c.scope);
  await page.selectOption("#c-ver", c.version);
  if (c.version === "3") {
    await page.fill("#c-suser", c.user);
    await page.selectOption("#c-auth", c.auth);
    await page.fill("#c-apw", c.auth_password);
    await page.selectOption("#c-priv", c.priv);
    await page.fill("#c-ppw", c.priv_password);
  } else {
    await page.fill("#c-com", c.community);
  }
  await page.check("input[name=ssh]");
  await page.fill("#c-user", c.ssh_user);
  await page.fill("#c-pass", c.password);
  await page.fill("#c-en", c.enable);
  await page.click("aside button:text-is('Save')");
  await page.waitForURL(/saved=1/);
}

// An agent answers before its device is in the inventory, a command line is not asked.
async function tryOne(page, app, c, say) {
  await page.goto(app.base + "/settings/credentials");
  await page.click(`table a:has-text('${c.name}')`);
  await page.fill("#c-test", c.scope.replace(/\d+\/\d+$/, "1"));
  await page.click("button:text-is('Test')");
  const words = (await page.locator("[data-answer]").allTextContents()).join(" | ");
  if (!/SNMP: answered as \S+ SNMPv3 authPriv/.test(words.replace(/\.\s/, " ")) || !words.includes("discover it first")) say(`newcomer: the test says ${words}`);
}

async function discover(page, app, net, say) {
  await page.goto(app.base + "/discovery");
  await page.fill("#targets", net.credentials.map((c) => c.scope).join("\n"));
  await page.click("text=Show what this will send");
  await page.click("text=Start the scan");
  await page.waitForURL(/\/discovery\/[0-9A-Z]{26}/);
  const end = Date.now() + 120_000;
  while ((await api(app.base, await page.context().cookies(), "/devices?limit=250")).total < net.devices && Date.now() < end) await page.waitForTimeout(500);
  const { total } = await api(app.base, await page.context().cookies(), "/devices?limit=250");
  if (total !== net.devices) say(`newcomer: ${total} of ${net.devices} devices are found`);
  await page.goto(app.base + "/devices");
}

async function backUp(page, net, say) {
  for (const box of await page.locator("input[type=checkbox][name=id]").all()) await box.check();
  await page.click("text=Back up the ticked");
  await page.waitForURL(/\/jobs\//);
  const end = Date.now() + 120_000;
  const open = () => page.locator("main").innerText().then((t) => /\b(waiting|running)\b/.test(t));
  while (await open() && Date.now() < end) { await page.waitForTimeout(1000); await page.reload(); }
  const kept = (await api(new URL(page.url()).origin, await page.context().cookies(), "/devices?limit=250")).items.filter((d) => d.running).length;
  if (kept !== net.devices) say(`newcomer: ${kept} of ${net.devices} configurations are kept: ${await page.locator("main").innerText()}`);
}

async function print(page, app, cookies, net, say) {
  await page.goto(app.base + "/compliance/results?rows=250");
  const rows = await page.locator("table tbody tr").evaluateAll((list) => list.map((r) => [...r.cells].slice(0, 3).map((c) => c.innerText.trim())));
  if (!rows.length) say("newcomer: there is no verdict to print");
  const pdf = await page.pdf({ path: join(shots, "newcomer.pdf"), format: "A4", printBackground: true });
  const { text, pages } = pdfText(pdf);
  const flat = text.replace(/\s+/g, "");
  if (pages < 1) say("newcomer: the print has no page");
  for (const words of rows.flat()) {
    if (words && !flat.includes(words.replace(/\s+/g, ""))) say(`newcomer: the print lacks ${JSON.stringify(words)}`);
  }
  if (flat.includes("Overview")) say("newcomer: the print holds the menu");
  return pages;
}
