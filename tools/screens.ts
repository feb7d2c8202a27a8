import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openReceiver } from '@sallyport/testkit/receiver.ts';
import type { Page } from 'playwright-core';
import { findBrowser, openBrowser } from './browser/browser.ts';
import { openStage } from './browser/stage.ts';
import { playTraffic } from './browser/traffic.ts';
import { prepareWaiting, setWaiting } from './browser/waiting.ts';

/** `npm run screens`: every screen over real traffic, in both themes and at phone width, as PNG in artifacts/screens. */
const folder = join(import.meta.dirname, '..', 'artifacts', 'screens');
const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1320, height: 860 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1320, height: 860 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const;

const executable = findBrowser();
if (executable === undefined) {
  console.error(
    'No Chromium was found. Install one (Debian: apt-get install chromium), or name it in SALLYPORT_CHROMIUM.',
  );
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const told = await openReceiver();
const stage = await openStage(prepareWaiting(told));
const browser = await openBrowser(executable);
try {
  // First: a changed tool is another world, in which earlier questions are void.
  await setWaiting(stage);
  const story = await playTraffic(stage);
  const places: readonly (readonly [string, string])[] = [
    ['now', '/now'],
    ['now-asked', '/now?answer=ask'],
    ['approvals', `/approvals/${story.approval}`],
    ['approvals-all', '/approvals'],
    ['tasks', '/tasks?state=all'],
    ['task', `/tasks/${story.task}`],
    ['why-denied', `/why/${story.denied}`],
    ['why-asked', `/why/${story.asked}`],
    ['agents', '/agents'],
    ['reach-agent', '/agents?can=agent:assistant'],
    ['reach-server', '/agents?can=server:files'],
    ['policy', '/policy'],
    ['settings', '/settings'],
  ];
  const wanted = process.argv.slice(2);
  for (const { name, colorScheme, viewport } of looks) {
    const page = await browser.newPage({ colorScheme, viewport });
    await page.goto(await stage.link());
    await page.locator('.link-live').waitFor();
    for (const [screen, path] of places) {
      if (wanted.length > 0 && !wanted.some(word => screen.startsWith(word))) continue;
      await show(page, path);
      await page.screenshot({
        path: join(folder, `${screen}-${name}.png`),
        fullPage: name !== 'phone' && /task|why|policy|agents/.test(screen),
      });
    }
    if (wanted.length === 0 || wanted.includes('stop')) {
      await page.locator('.kill').click();
      await page.locator('dialog[open] option').nth(1).waitFor({ state: 'attached' });
      await page.screenshot({ path: join(folder, `stop-${name}.png`) });
    }
    await page.close();
  }
  const door = await browser.newPage({ viewport: { width: 1320, height: 860 } });
  await door.goto(stage.api.url);
  await door.locator('.door').waitFor();
  await door.screenshot({ path: join(folder, 'door-light.png') });
} finally {
  await browser.close();
  await stage.close();
  told[Symbol.dispose]();
}

/** Without loading the page anew, as a person would: the sign-in lives in its memory. */
async function show(page: Page, path: string): Promise<void> {
  // Texts, not functions: this file knows nothing of a page's globals.
  await page.evaluate(
    `history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  await page.locator('main h1').waitFor();
  await page.locator('.blank, [aria-busy="true"]').first().waitFor({ state: 'detached' });
  await page.evaluate(`document.fonts.ready.then(() => undefined)`);
}
