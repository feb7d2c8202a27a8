import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { PolicyView } from '@sallyport/gateway/api/view/policy.ts';
import type { ToolView } from '@sallyport/gateway/api/view/tool.ts';
import { openReceiver, type Receiver } from '@sallyport/testkit/receiver.ts';
import type { Browser, Page } from 'playwright-core';
import { wcagFindings } from './axe.ts';
import { findBrowser, openBrowser } from './browser.ts';
import { openStage, type Stage } from './stage.ts';
import { changedTool, newRule, prepareWaiting, setWaiting } from './waiting.ts';

const executable = findBrowser();
const skip = executable === undefined ? 'no Chromium on this machine' : false;

describe('what waits for an operator, in a real browser', { skip }, () => {
  let told: Receiver;
  let stage: Stage;
  let browser: Browser;
  before(async () => {
    told = await openReceiver();
    stage = await openStage(prepareWaiting(told));
    browser = await openBrowser(executable ?? '');
    await setWaiting(stage);
  });
  after(async () => {
    await browser?.close();
    await stage?.close();
    told?.[Symbol.dispose]();
  });

  async function signedIn(role?: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(await stage.link(role));
    await page.locator('.link-live').waitFor();
    return page;
  }

  async function go(page: Page, path: string): Promise<void> {
    await page.evaluate(`history.pushState(null, '', '${path}'); dispatchEvent(new PopStateEvent('popstate'))`);
    await page.locator('.card').first().waitFor();
  }

  const statusOf = async (tool: string): Promise<string | undefined> =>
    (await stage.api.get<{ tools: ToolView[] }>('tools')).tools.find(each => each.tool === tool)?.status;
  const newest = async (kind: string): Promise<Entry | undefined> =>
    (await stage.api.get<{ entries: Entry[] }>('entries', { kind })).entries.at(-1);

  test('B-3 a changed tool is shown as what changed, and accepted by whoever may, as exactly that', async () => {
    const viewer = await signedIn('operator');
    await go(viewer, '/agents');
    const card = '.quarantine .card';
    const shown = await viewer.locator(card).innerText();
    assert.match(
      shown,
      /\[-between two of our own accounts\.-\] \{\+to any account\. <b>No approval is needed\.<\/b>\+\}/,
    );
    assert.match(shown, /argument "memo" added/);
    assert.equal(await viewer.locator(`${card} button.primary`).count(), 0, 'an operator of tasks accepts no tools');
    assert.deepEqual(await wcagFindings(viewer), []);
    await viewer.context().close();

    assert.equal(await statusOf(changedTool), 'quarantined');
    const admin = await signedIn();
    await go(admin, '/agents');
    await admin.getByRole('button', { name: 'Accept exactly this definition' }).click();
    await admin.locator('.quarantine').waitFor({ state: 'detached' });
    assert.equal(await statusOf(changedTool), 'pinned');
    const pinned = await newest('pinned');
    assert.ok(pinned?.kind === 'pinned');
    assert.deepEqual([`${pinned.server}/${pinned.tool}`, pinned.by, pinned.state], [changedTool, 'operator', 'pinned']);
    await admin.context().close();
  });

  test('H-8 a changed policy set counts for nothing until somebody who may activates it, having seen what is new', async () => {
    const inForce = async (): Promise<boolean> =>
      (await stage.api.get<{ policy: PolicyView }>('policy')).policy.active.policies.some(({ id }) => id === newRule);
    const viewer = await signedIn('operator');
    await go(viewer, '/policy');
    assert.match(await viewer.locator('.card').innerText(), new RegExp(`no error\\..*New: ${newRule}\\.`, 's'));
    assert.equal(await viewer.getByRole('button', { name: 'Activate exactly this set' }).count(), 0);
    await viewer.context().close();

    const admin = await signedIn();
    await go(admin, '/policy');
    await admin.getByRole('button', { name: 'Run the tests' }).click();
    await admin.locator('main :text-matches("[0-9]+ passed")').first().waitFor();
    assert.equal(await inForce(), false);
    assert.deepEqual(await wcagFindings(admin), []);
    await admin.getByRole('button', { name: 'Activate exactly this set' }).click();
    await admin.locator(`#rule-${newRule}`).waitFor();
    assert.equal(await inForce(), true);
    const activated = await newest('world.activated');
    assert.ok(activated?.kind === 'world.activated');
    assert.equal(activated.by, 'operator');
    await admin.context().close();
  });

  test('a channel that nobody listens at falls through to the next, and Settings says both', async () => {
    const clerk = await stage.actor({ purpose: 'List our accounts', tools: ['ledger/list_accounts'] });
    await clerk.call(changedTool, { from: 'a', to: 'b', amount: 1 });
    await clerk.close();
    const page = await signedIn();
    await page.evaluate(`history.pushState(null, '', '/settings'); dispatchEvent(new PopStateEvent('popstate'))`);
    await page.locator('.channel-failing').waitFor();
    await page.locator('.channel-ok').waitFor();
    assert.match(await page.locator('.channels').innerText(), /chat did not take .* cannot be reached\s+desk took/s);
    assert.match(told.bodies[0] ?? '', /"tool":"ledger\/book_transfer"/);
    assert.doesNotMatch(
      told.bodies[0] ?? '',
      /"arguments"|"amount":|"from":|"to":/,
      'no argument leaves where nobody configured it',
    );
    await page.context().close();
  });
});
