// The browser suite: the real binary, empty and with its demo, every page in
// both themes, numbers against the API and the simulator's own truth.
//   node web/uitest/run.mjs            starts bin/plumbline serve, then serve --demo
//   PLUMBLINE_UI_BASE=http://… node …  looks at a server that runs already (no sign-in, no truth)
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, shots } from "./browser.mjs";
import { crawl, resolveLinks } from "./crawl.mjs";
import { compareTruth } from "./truth.mjs";
import { compareMap } from "./topology.mjs";
import { compareCompliance } from "./compliance.mjs";
import { driveJobs } from "./jobs.mjs";
import { useDrift } from "./drift.mjs";
import { checkInside } from "./search.mjs";
import { useSettings } from "./settings.mjs";
import { newcomer } from "./newcomer.mjs";
import { startBinary, firstAdmin, waitForDemo } from "./appliance.mjs";

const faults = [];
const say = (text) => { faults.push(text); console.log("FAIL", text); };

const sizes = [1440, 1280, 1100, 768, 390, 320];

// part runs one part and says how it went. A part that breaks does not keep
// the others from running.
async function part(name, work) {
  const before = faults.length;
  const begun = Date.now();
  const told = await work().catch((e) => say(`${name} stops: ${e.stack}`));
  const n = faults.length - before;
  console.log(`${name}: ${n} faults, ${((Date.now() - begun) / 1000).toFixed(1)} s${told ? `; ${told}` : ""}`);
}

// look visits a page of every kind that an appliance has, in both themes at
// once, the light one at each width.
async function look(browser, app, cookies, options) {
  const numbers = new Set();
  const got = await Promise.all(["light", "dark"].map((theme) => crawl(browser, app, cookies, theme, say, { ...options, numbers, sizes: theme === "light" ? options.sizes : [] })));
  const n = await resolveLinks(app, new Set(got.flatMap((g) => [...g.links])), cookies, say);
  return `${got[0].pages} pages light, ${got[1].pages} dark, ${numbers.size} numbers followed to their rows, ${n} links`;
}

// An appliance that knows nothing yet. Not every page is linked then.
async function empty(browser, app) {
  const cookies = await firstAdmin(browser, app, say);
  await part("empty appliance", () => look(browser, app, cookies, { mark: "empty-", sizes: [320],
    seeds: ["/", "/search?q=core", "/search?in=config&q=hostname", "/search/places", "/discovery/candidates", "/topology?as=table"] }));
}

// The demo: first what must be as the simulator says, then every page, then
// what changes something.
async function demo(browser, app) {
  const cookies = await firstAdmin(browser, app, say);
  const run = (name, f) => part(name, () => f(browser, app, cookies, say));
  await part("the demo's first days", () => waitForDemo(app, cookies, say));
  await run("truth", compareTruth);
  await run("map", compareMap);
  await run("search, health and audit", checkInside);
  await run("compliance", compareCompliance);
  await part("every page", () => look(browser, app, cookies, { seeds: ["/", "/search?q=core", "/search?in=config&q=hostname"], sizes }));
  await run("settings", useSettings);
  await run("drift", useDrift);
  await run("jobs", driveJobs);
}

// withFolder runs a suite with a folder of its own.
async function withFolder(suite) {
  const data = await mkdtemp(join(tmpdir(), "plumbline-ui-"));
  try {
    await suite(data);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

// withBinary runs a suite against an appliance of its own.
const withBinary = (args, suite) => withFolder(async (data) => {
  const app = await startBinary(data, args);
  try {
    await suite(app);
  } finally {
    await app.stop();
  }
});

async function main() {
  const begun = Date.now();
  await rm(shots, { recursive: true, force: true });
  await mkdir(shots, { recursive: true });
  const browser = await launch();
  try {
    const fixed = process.env.PLUMBLINE_UI_BASE;
    if (fixed) {
      await part("server", () => look(browser, { base: fixed }, [], { sizes }));
    } else {
      // The demo plays its first days while the empty appliance is looked at.
      await withBinary(["--demo"], async (simulated) => {
        await withBinary([], (fresh) => empty(browser, fresh));
        await demo(browser, simulated);
      });
      await part("newcomer", () => withFolder((data) => newcomer(browser, data, say)));
    }
  } finally {
    await browser.close();
  }
  console.log(`pictures in ${shots}, ${((Date.now() - begun) / 1000).toFixed(0)} s in all`);
  console.log(`browser suite: ${faults.length} faults`);
  process.exitCode = faults.length ? 1 : 0;
}

await main();
