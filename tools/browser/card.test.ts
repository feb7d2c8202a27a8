import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeControl } from '@sallyport/testkit/fakes/control.ts';
import { ids, smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import { buildConsole } from 'sallyport/console-build.ts';
import { findBrowser, openBrowser } from './browser.ts';
import { openFakePage } from './fake-page.ts';

const executable = findBrowser();
const skip = executable === undefined ? 'no Chromium on this machine' : false;

describe('the card, in a real browser', { skip }, () => {
  for (const [what, cost, said] of [
    ['what the step will cost later is said', ['message:ask', 'money:deny'], 'message asks, and money is denied'],
    ['a step that costs nothing has no such line', [], undefined],
  ] as const)
    test(what, async () => {
      assert.equal(await buildConsole(() => {}), undefined);
      const has = smallInstallation();
      const facts = { task: {}, flow: { cost }, env: {} };
      const fake = await openFakePage(
        createFakeControl({ ...has, approvals: has.approvals.map(view => ({ ...view, facts })) }),
      );
      const browser = await openBrowser(executable ?? '');
      try {
        const page = await browser.newPage();
        await page.goto(fake.link);
        await page.locator('.link-live').waitFor();
        await page.evaluate(
          `history.pushState(null, '', '/approvals/${ids.approval}'); dispatchEvent(new PopStateEvent('popstate'))`,
        );
        await page.locator('.card :text("What yes means")').waitFor();
        const lines = await page.locator('.card :text("If it returns what its labels say")').allInnerTexts();
        assert.deepEqual(lines, said === undefined ? [] : [`If it returns what its labels say: from then on ${said}.`]);
      } finally {
        await browser.close();
        await fake.close();
      }
    });
});
