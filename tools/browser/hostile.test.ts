import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createFakeControl } from '@sallyport/testkit/fakes/control.ts';
import { smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import type { Browser, Page } from 'playwright-core';
import { buildConsole } from 'sallyport/console-build.ts';
import { findBrowser, openBrowser } from './browser.ts';
import { type FakePage, openFakePage } from './fake-page.ts';
import { hostile, naughty, poisoned, published } from './hostile.ts';

const executable = findBrowser();
const seed = 20_261_122;
const skip = executable === undefined ? 'no Chromium on this machine' : false;

/** Words of attackers in every field that the console shows, in a real browser. */
describe('E-4 the console and what attackers write', { skip }, () => {
  let browser: Browser;
  before(async () => {
    assert.equal(await buildConsole(() => {}), undefined);
    browser = await openBrowser(executable ?? '');
  });
  after(() => browser.close());

  const places = ['/now', '/approvals', '/tasks?state=all', '/agents', '/agents?can=agent:a', '/policy', '/settings'];

  for (const [name, texts] of [
    ['texts that would be markup', hostile],
    ['the published list of naughty strings', published],
    [`random texts, seed ${seed}`, naughty(seed, Number(process.env.SALLYPORT_HOSTILE_TEXTS ?? 40))],
  ] as const)
    test(`${name}: nothing runs, nothing is loaded, every screen still stands`, async () => {
      const read: string[] = [];
      let at = 0;
      const next = (): string => texts[at++ % texts.length] ?? '';
      while (at < texts.length) {
        const fake = await openFakePage(createFakeControl(poisonedInstallation(next)));
        try {
          read.push(...(await visit(browser, fake, places)));
        } finally {
          await fake.close();
        }
      }
      assert.ok(read.length >= places.length, 'the screens were not looked at');
      // Most of them, as they were written: a few stand where only another question or row would show them.
      const plain = texts.filter(text => /^[!-~]{4,40}$/.test(text));
      const shown = plain.filter(text => read.some(screen => screen.includes(text)));
      assert.ok(shown.length * 4 >= plain.length * 3, `${shown.length} of ${plain.length} plain texts were to be read`);
    });
});

function poisonedInstallation(next: () => string): ReturnType<typeof smallInstallation> {
  const has = poisoned(smallInstallation(), next);
  const params = (): string =>
    JSON.stringify({ name: next(), arguments: { [next()]: next(), list: [next(), { [next()]: next() }] } });
  return {
    ...has,
    approvals: has.approvals.map(view => ({
      ...view,
      arguments: params(),
      state: 'pending',
      expiresAt: Date.now() + 600_000,
    })),
    why: has.why.map(view => ({
      ...view,
      arguments: params(),
      result: JSON.stringify({ content: [{ type: 'text', text: next() }] }),
    })),
    diffs: has.diffs.map(diff => ({ ...diff, text: `+ ${next()}\n- ${next()}` })),
  };
}

/** Opens every screen, and answers with what it read there; fails on anything that a text of an attacker brought about. */
async function visit(browser: Browser, { link, url }: FakePage, places: readonly string[]): Promise<string[]> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('request', request => {
    if (!request.url().startsWith(url)) faults.push(`asked for ${request.url()}`);
  });
  page.on('pageerror', error => faults.push(`threw ${error.message}`));
  page.on('console', message => {
    // An answer of the fake installation that it has no such thing is no fault of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(`said ${message.text()}`);
  });
  page.on('dialog', dialog => {
    faults.push(`opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  try {
    await page.goto(link);
    await page.locator('.link-live').waitFor();
    const why = await page.locator('.row-link').first().getAttribute('href');
    const read: string[] = [];
    const [task] = smallInstallation().tasks;
    for (const place of [...places, `/tasks/${task?.id}`, why ?? '/now']) {
      await go(page, place);
      assert.equal(await page.evaluate('globalThis.pwned'), undefined, place);
      assert.equal(await page.locator('text=could not be drawn').count(), 0, `${place} could not be drawn`);
      assert.equal(await page.locator('main').count(), 1, `${place} was broken out of`);
      const strangers =
        'main script, main iframe, main img, main style, main base, main object, main a[href^="javascript"]';
      assert.equal(await page.locator(strangers).count(), 0, `${place} holds what no screen of ours has`);
      assert.deepEqual(await page.evaluate(bareInvisibles), [], `${place} shows invisible characters as nothing`);
      read.push(place + (await page.locator('main').innerText()));
    }
    assert.deepEqual(faults, []);
    return read;
  } finally {
    await page.close();
  }
}

async function go(page: Page, place: string): Promise<void> {
  await page.evaluate(
    `history.pushState(null, '', ${JSON.stringify(place)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  await page
    .locator('main h1')
    .first()
    .waitFor({ timeout: 10_000 })
    .catch(async () => assert.fail(`${place} did not come: ${await page.locator('body').innerText()}`));
  await page.locator('.blank').first().waitFor({ state: 'detached' });
}

/** Bidirectional controls that stand in the page as themselves: what they reverse would be read wrongly. */
const bareInvisibles = `(() => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const inSelect = walker.currentNode.parentElement.closest('select');
    if (!inSelect && /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u0000]/.test(walker.currentNode.data)) found.push(walker.currentNode.parentElement.outerHTML.slice(0, 80) + walker.currentNode.parentElement.parentElement.outerHTML.slice(0, 200));
  }
  return found;
})()`;
