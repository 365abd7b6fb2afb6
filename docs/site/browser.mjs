// Look at the built site in a browser without a screen:
//   node docs/site/browser.mjs HTML_FOLDER NODE_MODULES [FOLDER_FOR_PICTURES]
// No finding of axe-core that is serious or critical, no request that leaves the site, no script
// error, no page wider than its window at 360 px; in light and dark. Pictures are for looking at.
import { createRequire } from "node:module";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [html, modules, pictures] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(modules, "x.js"));
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");
const browsers = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
const executablePath = process.env.CHROMIUM ?? browsers.find((path) => existsSync(path));
if (!executablePath) throw new Error(`Expected a browser at ${browsers.join(" or ")}; set CHROMIUM.`);

const pages = [
  "index.html",
  "gallery/index.html",
  "gallery/plot_02_gamma.html",
  "gallery/plot_18_coarsening.html",
  "tutorials/index.html",
  "tutorials/plot_1_verify_a_prediction.html",
  "tutorials/plot_3_regression_tests.html",
  "paper/index.html",
  "paper/section_6.html",
  "paper/errata.html",
  "trust.html",
  "performance.html",
  "catalogue.html",
  "claims.html",
  "architecture.html",
  "reference/index.html",
  "reference/theory-predictions.html",
  "search.html",
];
const looks = [
  { name: "light", colorScheme: "light", width: 1280, height: 900 },
  { name: "dark", colorScheme: "dark", width: 1280, height: 900 },
  { name: "narrow", colorScheme: "light", width: 360, height: 780 },
];

if (pictures) mkdirSync(pictures, { recursive: true });
const complaints = [];
const browser = await chromium.launch({ executablePath });
for (const look of looks) {
  const context = await browser.newContext({
    colorScheme: look.colorScheme,
    viewport: { width: look.width, height: look.height },
    offline: false,
  });
  for (const name of pages) {
    const page = await context.newPage();
    const say = (text) => complaints.push(`${name} (${look.name}): ${text}`);
    page.on("pageerror", (error) => say(`script error ${error.message}`));
    page.on("request", (request) => {
      if (!request.url().startsWith("file:") && !request.url().startsWith("data:"))
        say(`asks for ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(html, name)).href);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 1) say(`is ${wide} px wider than its window`);
    await page.addScriptTag({ path: axe });
    const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    for (const one of found.violations)
      if (["serious", "critical"].includes(one.impact))
        say(`${one.id} (${one.impact}), ${one.nodes.length} times, e.g. ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].failureSummary.replaceAll("\n", " ").slice(0, 220)}`);
    if (pictures) {
      const file = name.replaceAll("/", "-").replace(".html", "");
      await page.screenshot({ path: join(pictures, `${file}-${look.name}.png`) });
      if (look.name === "light") {
        await page.emulateMedia({ media: "print" });
        await page.setViewportSize({ width: 794, height: 1123 });
        await page.screenshot({ path: join(pictures, `${file}-print.png`) });
      }
    }
    await page.close();
  }
  // The keyboard alone: the first stop skips to the content.
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(html, "index.html")).href);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement?.textContent.trim());
  if (!/skip to content/i.test(first ?? "")) complaints.push(`index.html: first stop is ${first}`);
  await context.close();
}
await browser.close();
for (const complaint of complaints) console.log(complaint);
console.log(`${pages.length} pages in ${looks.length} looks: ${complaints.length} complaints`);
process.exit(complaints.length ? 1 : 0);
