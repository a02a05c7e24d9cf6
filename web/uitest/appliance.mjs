import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./browser.mjs";

function freePort() {
  return new Promise((resolve, reject) => {
    const s = createServer();
    s.on("error", reject);
    s.listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => resolve(port)); });
  });
}

// Starts the appliance and waits for its "ready" line and the set-up link. A
// demo writes its truth where app.truth says.
export async function startBinary(data, args) {
  const port = await freePort();
  const truth = join(data, "truth.json");
  const child = spawn(join(root, "bin", "plumbline"), ["serve", ...args, ...(args.includes("--demo") ? ["--truth", truth] : []), "--listen", `127.0.0.1:${port}`, "--data", join(data, "data")], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (b) => { log = (log + b).slice(-20_000); });
  const over = new Promise((resolve) => child.on("exit", resolve));
  const started = Date.now();
  const { base, link } = await new Promise((resolve, reject) => {
    let ready = "";
    let setup = "";
    const timer = setTimeout(() => reject(new Error(`not ready in 30 s\n${log}`)), 30_000);
    child.on("exit", (code) => reject(new Error(`serve ended with ${code}\n${log}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /https?:\/\/\S+/.exec(line)?.[0];
      if (line.startsWith("ready ") && address) ready = address.replace(/\/$/, "");
      if (address?.includes("/setup?")) setup = address;
      if (ready && setup) { clearTimeout(timer); resolve({ base: ready, link: setup }); }
    });
  });
  console.log(`ready after ${Date.now() - started} ms at ${base}`);
  return { base, link, truth, started, stop: async () => { child.kill("SIGTERM"); await over; } };
}

// Makes the first administrator through the browser and gives the cookies.
export async function firstAdmin(browser, app, say) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on("console", (m) => say(`console in the set-up: ${m.text()}`));
  await page.goto(app.link);
  if (page.url().includes("token=")) say("the token stays in the address");
  await page.fill("#user", "mara.keller");
  await page.fill("#password", "a line that hangs true");
  await page.fill("#again", "a line that hangs true");
  await page.click("button[type=submit]");
  await page.waitForURL(app.base + "/");
  const again = await context.request.get(app.link, { maxRedirects: 0 });
  if (again.status() !== 404) say(`the set-up link still answers ${again.status()} after its use`);
  await context.clearCookies();
  await page.goto(app.base + "/devices");
  if (!page.url().includes("/login")) say("a stranger is not sent to the login page");
  await page.fill("#user", "mara.keller");
  await page.fill("#password", "a line that hangs true");
  await page.click("button[type=submit]");
  await page.waitForURL(app.base + "/devices");
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

export async function api(base, cookies, path) {
  const r = await fetch(base + "/api/v1" + path, { headers: { cookie: cookies.map((c) => `${c.name}=${c.value}`).join("; ") } });
  if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`);
  return r.json();
}

// Waits until the demo's first days are over, when it writes down what is
// really there, and until each device of that is kept and judged.
export async function waitForDemo(app, cookies, say) {
  const begun = Date.now();
  const late = () => Date.now() - begun > 120_000;
  while (!existsSync(app.truth)) {
    if (late()) throw new Error("after 120 s the demo has not written the truth");
    await new Promise((r) => setTimeout(r, 200));
  }
  const all = JSON.parse(await readFile(app.truth, "utf8")).devices.length;
  for (;;) {
    const { items, total } = await api(app.base, cookies, "/devices?limit=250");
    const kept = items.filter((d) => d.running).length;
    const judged = items.filter((d) => d.pass + d.fail > 0).length;
    if (kept >= all && judged >= all) break;
    if (late()) { say(`after 120 s ${total} devices of ${all}, ${kept} kept, ${judged} judged`); break; }
    await new Promise((r) => setTimeout(r, 500));
  }
  return `${all} devices are kept and judged ${Date.now() - app.started} ms after the start`;
}
