import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
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

  test('what waits goes before what was settled, also where it came a moment later', async () => {
    assert.equal(await buildConsole(() => {}), undefined);
    const has = smallInstallation();
    const [first] = has.approvals;
    assert.ok(first);
    const answered = { at: Date.now(), by: 'oidc:anna', proof: 'oidc' };
    const settled: ApprovalView = { ...first, id: `${ids.approval.slice(0, -1)}7`, state: 'expired', answered };
    const control = createFakeControl({ ...has, approvals: [settled] });
    const { promise: comes, resolve: arrived } = Promise.withResolvers<void>();
    const asked = {
      v: 1,
      seq: 9,
      at: Date.now(),
      id: 'e_1',
      kind: 'asked',
      approval: first.id,
      decision: first.decision,
    };
    const fake = await openFakePage({
      ...control,
      follow: async function* () {
        await comes;
        yield asked as unknown as Entry;
      },
    });
    const browser = await openBrowser(executable ?? '');
    try {
      const page = await browser.newPage();
      await page.goto(fake.link);
      await page.locator('.link-live').waitFor();
      await page.keyboard.press('2');
      await page.locator('.card :text("sallyport why")').waitFor();
      assert.equal(new URL(page.url()).pathname, '/approvals');
      await page.locator('.card :text("The yes ran out before it was used.")').waitFor();
      control.has.approvals = [settled, first];
      arrived();
      await page.locator(`.card :text("sallyport approve ${ids.approval.slice(0, 11)}")`).waitFor();
      await page.waitForURL(`**/approvals/${first.id}`);
    } finally {
      await browser.close();
      await fake.close();
    }
  });

  test('E-1 several are answered together only once each has been shown, whole', async () => {
    assert.equal(await buildConsole(() => {}), undefined);
    const has = smallInstallation();
    const [first] = has.approvals;
    assert.ok(first);
    const asked = (number: number, text = `note ${number}`): ApprovalView => ({
      ...first,
      id: `${ids.approval.slice(0, -1)}${number}`,
      classes: ['write'],
      arguments: JSON.stringify({ name: 'write_note', arguments: { text, place: 'inbox' } }),
    });
    const control = createFakeControl({ ...has, approvals: [asked(1), asked(2)] });
    const fake = await openFakePage(control);
    const browser = await openBrowser(executable ?? '');
    try {
      const page = await browser.newPage();
      await page.goto(fake.link);
      await page.locator('.link-live').waitFor();
      const button = page.locator('.batch button');
      const open = async (number: number): Promise<void> => {
        const path = `/approvals/${asked(number).id}`;
        await page.evaluate(`history.pushState(null, '', '${path}'); dispatchEvent(new PopStateEvent('popstate'))`);
        await page.locator(`.item[aria-current][href="${path}"]`).waitFor();
      };
      await open(1);
      await button.waitFor();
      assert.equal(await button.isDisabled(), true, 'not at once');
      await page.locator('.batch button:enabled').waitFor();
      assert.match(await button.innerText(), /^Approve these 2,/);
      assert.match(await page.locator('.batch tbody').innerText(), /note 1\s+note 2/);

      control.has.approvals = [asked(1), asked(2, `${'a'.repeat(400)} and then something else`)];
      await page.reload();
      await page.goto(fake.link);
      await page.locator('.link-live').waitFor();
      await open(1);
      await page.locator('.card :text("What yes means")').waitFor();
      assert.equal(await page.locator('.batch').count(), 0, 'what would be cut is answered by itself');
    } finally {
      await browser.close();
      await fake.close();
    }
  });
});
