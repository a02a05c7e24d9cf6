import { createServer } from "node:http";
import { hint } from "./check.mjs";

const canaries = { password: "canary-password-1", enable: "canary-enable-2", auth_password: "canary-digest-3", priv_password: "canary-cipher-4" };

// The settings as a person uses them: a credential, an account, a webhook.
export async function useSettings(browser, app, cookies, say) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.on("pageerror", (e) => say(`settings: ${e.message}`));
  page.on("console", (m) => { if (!/status of 422/.test(m.text()) && !hint(m)) say(`console on ${page.url()}: ${m.text()}`); });
  const pages = [];
  page.on("response", async (r) => { if (r.url().startsWith(app.base) && /html|json/.test(r.headers()["content-type"] ?? "")) pages.push(r.text().catch(() => "")); });
  await addCredential(page, app, say);
  const viewer = await addViewer(page, app, say);
  await hook(page, app, say);
  for (const path of ["/settings/credentials", "/settings/appliance", "/settings/sites", "/settings/tokens", "/me"]) await page.goto(app.base + path);
  const all = (await Promise.all(pages)).join("\n");
  for (const word of [...Object.values(canaries), "canary-path-5", "canary-sign-6"]) {
    if (all.includes(word)) say(`settings: the secret ${word} is in an answer`);
  }
  await context.close();
  await lookAsViewer(browser, app, viewer, say);
}

const alertText = (page) => page.textContent("[role=alert]", { timeout: 5000 });

async function addCredential(page, app, say) {
  await page.goto(app.base + "/settings/credentials");
  await page.click("text=New credential");
  await page.waitForSelector("#c-name");
  const fill = async (scope) => {
    await page.fill("#c-scope", scope);
    if (!await page.isChecked("input[name=snmp]")) await page.check("input[name=snmp]");
    await page.fill("#c-suser", "reader");
    await page.fill("#c-apw", canaries.auth_password);
    await page.fill("#c-ppw", canaries.priv_password);
    if (!await page.isChecked("input[name=ssh]")) await page.check("input[name=ssh]");
    await page.fill("#c-user", "robot");
    await page.fill("#c-pass", canaries.password);
    await page.fill("#c-en", canaries.enable);
    await page.click("aside button:text-is('Save')");
  };
  await page.fill("#c-name", "canary");
  await fill("127.10.1.7/24");
  if (!(await alertText(page)).includes("127.10.1.0/24")) say("settings: a scope with host bits is not explained");
  if (await page.inputValue("#c-pass") !== "") say("settings: a typed password came back");
  await fill("0.0.0.0/0");
  if (!(await alertText(page)).includes("wider than a /8")) say("settings: a scope that is everything is not refused");
  await fill("127.99.0.0/16");
  await page.waitForURL(/saved=1/);
  if (await page.getAttribute("#c-pass", "placeholder") !== "Stored; type to replace") say("settings: a stored password is not told");
  await page.fill("#c-scope", "127.98.0.0/16");
  await page.click("aside button:text-is('Save')");
  if (!(await alertText(page)).includes("was not in the scope before")) say("settings: a scope that grew kept its secrets");
  await page.goto(app.base + "/settings/credentials");
  await page.click("table a:has-text('canary')");
  await page.fill("#c-test", "127.10.1.1");
  await page.click("button:text-is('Test')");
  const words = await page.locator("[data-answer]").allTextContents();
  if (words.length !== 2 || !words.every((w) => w.includes("outside its scope: nothing was sent"))) say(`settings: the test out of scope says ${words}`);
  const first = await page.textContent("tbody tr:first-child th");
  await page.click("tbody tr:first-child button[value=later]");
  if (await page.textContent("tbody tr:nth-child(2) th") !== first) say("settings: a credential did not move");
  await page.click("table a:has-text('canary')");
  await page.click("button:text-is('Delete')");
  await page.click("button:has-text('Delete canary')");
  await page.waitForURL(app.base + "/settings/credentials");
  if (await page.locator("table a:has-text('canary')").count()) say("settings: a deleted credential is listed");
}

async function addViewer(page, app, say) {
  await page.goto(app.base + "/settings/users");
  const may = await page.locator("[data-matrix] tbody tr").count();
  if (may < 30) say(`settings: ${may} permissions are shown`);
  await page.fill("form[action='/settings/users'] input[name=name]", "vera");
  await page.selectOption("form[action='/settings/users'] select[name=role]", "viewer");
  await page.click("button:has-text('Make the account')");
  const password = await page.textContent("code[data-password]");
  await page.selectOption("tr[data-user=vera] select", "auditor");
  await page.click("tr[data-user=vera] button:has-text('Change')");
  if (await page.locator("tr[data-user=vera] select").inputValue() !== "auditor") say("settings: a role did not change");
  await page.selectOption("tr[data-user=vera] select", "viewer");
  await page.click("tr[data-user=vera] button:has-text('Change')");
  await page.waitForSelector("[role=status]");
  if (await page.locator("tr[data-user='mara.keller'] button").count()) say("settings: one's own account has buttons");
  return { name: "vera", password };
}

async function lookAsViewer(browser, app, viewer, say) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(app.base + "/login");
  await page.fill("#user", viewer.name);
  await page.fill("#password", viewer.password);
  await page.click("button[type=submit]");
  await page.waitForURL(app.base + "/");
  await page.click("nav .nav-foot a[href='/settings']");
  await page.waitForURL(/\/settings\/sites/);
  const menu = await page.locator("nav[aria-label=Settings] a").allTextContents();
  if (menu.join() !== "Sites") say(`settings: a viewer's menu is ${menu}`);
  if (await page.locator("main form").count()) say("settings: a viewer has a form on the sites");
  const refused = await page.goto(app.base + "/settings/users");
  if (refused.status() !== 403 || !(await page.textContent("main")).includes("access.read")) say(`settings: a viewer on the users gets ${refused.status()}`);
  await page.goto(app.base + "/discovery");
  if (await page.locator("#targets").count()) say("settings: a viewer may start a discovery");
  await context.close();
}

async function hook(page, app, say) {
  const seen = [];
  const server = createServer((req, res) => {
    let body = "";
    req.on("data", (b) => { body += b; });
    req.on("end", () => { seen.push({ path: req.url, head: req.headers, body }); res.writeHead(seen.length > 1 ? 404 : 204).end(); });
  });
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  const base = `http://127.0.0.1:${server.address().port}`;
  await page.goto(app.base + "/settings/notify");
  await page.fill("#n-url", "http://169.254.169.254/latest");
  await page.check("input[name=plain]");
  await page.click("button:text-is('Save')");
  if (!(await alertText(page)).includes("link-local")) say("settings: an address of cloud metadata is not refused");
  await page.fill("#n-url", base + "/canary-path-5");
  await page.fill("#n-secret", "canary-sign-6");
  await page.uncheck("input[name=plain]");
  await page.click("button:text-is('Save')");
  await page.waitForSelector("text=Saved.");
  if (!(await page.textContent("#h-hook + .muted")).includes(base)) say("settings: the host of the webhook is not shown");
  await page.click("button:has-text('Send a test')");
  const good = await page.textContent("[data-answer]");
  await page.click("button:has-text('Send a test')");
  const bad = await page.locator("[data-answer].t-bad").textContent();
  if (!good.includes("204") || !bad.includes("404")) say(`settings: the tests say ${good} and ${bad}`);
  const [one] = seen;
  if (seen.length !== 2 || one.path !== "/canary-path-5" || JSON.parse(one.body).event !== "test" || !one.head["webhook-signature"]?.startsWith("v1,")) say(`settings: the receiver saw ${JSON.stringify(seen)}`);
  await page.click("button:has-text('Remove the webhook')");
  await page.waitForSelector("text=none is set");
  server.close();
}
