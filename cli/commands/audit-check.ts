import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Checked } from '@sallyport/gateway/receipt/check/check.ts';
import type { Again, AgainReason } from '@sallyport/gateway/receipt/check/decide-again.ts';
import { arg, type Command, type Given, type Outcome, text } from '../command.ts';
import { CliError, exit, usageError } from '../exit.ts';
import { askedText } from '../format/asked.ts';
import { facts } from '../format/columns.ts';
import { short } from '../format/ids.ts';
import { safeLine } from '../format/safe.ts';
import { moment } from '../format/time.ts';

const receiptBytesMax = 64 * 2 ** 20;

export const auditCheck: Command = {
  name: 'audit check',
  group: 'Evidence',
  args: '<file>',
  summary: 'check a receipt with nothing but the log’s public key',
  about: `Proves that the decision stands in the signed record, that what the file shows is what the record commits to, and asks
Cedar again with the facts shown. Ends with 0 if Cedar answers the same with the same reasons, with 1 if the decision is
proven to be in the record and not enough is shown to decide again, with 6 if anything does not fit. The code shares
nothing with what makes receipts. No gateway and no state needed.`,
  examples: [['sallyport audit check decision.tlog-proof --vkey sallyport.vkey', 'as an outsider would']],
  options: [{ flags: '--vkey <file>', text: 'the log’s public key (default: that of the state directory)' }],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { checkReceipt } = await import('@sallyport/gateway/receipt/check/check.ts');
  const file = resolve(given.terminal.cwd, arg(given, 0));
  if (!existsSync(file)) throw new CliError('not-found', `there is no file ${file}`, 'Check the path that was given.');
  if (statSync(file).size > receiptBytesMax)
    throw new CliError('usage', `${file} is larger than ${receiptBytesMax} bytes`, undefined, exit.usage);
  const content = readFileSync(file, 'utf8');
  if (!content.startsWith('c2sp.org/tlog-proof@')) throw noReceipt(file);
  const keyFile = keyFileOf(given);
  const vkey = readFileSync(keyFile, 'utf8');
  let checked: Checked;
  try {
    checked = checkReceipt(content, vkey);
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw new CliError('usage', thrown.message, 'The file given with --vkey holds one line.', exit.usage);
    throw thrown;
  }
  return {
    status: statusOf(checked),
    json: jsonOf(checked),
    text: textOf(checked, keyFile, given),
    notes: notesOf(checked),
  };
}

function noReceipt(file: string): CliError {
  return usageError(
    `${file} is no receipt, so nothing in it can be checked`,
    'One is written by `sallyport audit receipt ID -o FILE`. A task that was exported is checked by `sallyport audit verify FILE`.',
  );
}

function keyFileOf(given: Given): string {
  const named = text(given, 'vkey');
  const file = named === undefined ? join(given.stateDir, 'journal', 'vkey') : resolve(given.terminal.cwd, named);
  if (existsSync(file)) return file;
  throw new CliError('not-found', `there is no public key at ${file}`, 'Name the file that holds it: --vkey FILE.');
}

function statusOf(checked: Checked): Outcome['status'] & number {
  if (!checked.ok || checked.again.kind === 'other') return exit.unhealthy;
  return checked.again.kind === 'same' ? exit.ok : exit.error;
}

function jsonOf(checked: Checked): object {
  if (!checked.ok) return { ok: false, fault: checked.fault };
  const { entry, size, again } = checked;
  return { ok: again.kind !== 'other', size, again, entry };
}

function textOf(checked: Checked, keyFile: string, { paint }: Given): string {
  const key: readonly [string, string] = ['key', safeLine(keyFile)];
  if (!checked.ok) return facts([[paint.bad('NOT PROVEN'), safeLine(checked.fault)], key], name => name);
  const { entry, decision, size, again } = checked;
  const rows: (readonly [string, string])[] = [
    [paint.good('PROVEN'), `entry ${entry.seq} of the ${size} that were signed for`],
    key,
    ['decision', `${entry.id}  ${moment(Number(entry.at))}`],
    ['action', safeLine(`${decision.server}/${decision.tool}, by ${decision.agent} for ${entry.principal}`)],
    ['decided', safeLine(`${decision.answer}: ${reasonsText(decision.reasons)}`)],
  ];
  if (again.kind === 'same')
    rows.push(
      [
        paint.good('again'),
        `the same, by ${again.policies} of ${again.policiesInAll} policies; the others do not apply to this tool`,
      ],
      ...beside(again.again, again.actors),
    );
  else if (again.kind === 'other')
    rows.push([
      paint.bad('DIFFERS'),
      safeLine(`Cedar says ${again.again.answer}: ${reasonsText(again.again.reasons)}`),
    ]);
  else
    rows.push([
      'again',
      safeLine(`not asked: ${again.why}${again.missing.length === 0 ? '' : ` (${again.missing.join(', ')})`}`),
    ]);
  return facts(rows, name => name);
}

/** What else follows from the policies, and on whose authority the agent's rests. */
function beside({ obligations = [], approval }: Again, actors: readonly string[]): (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [];
  if (actors.length > 0) rows.push(['for', safeLine(`${actors.join(', for ')}: the same was asked about each`)]);
  if (obligations.length > 0)
    rows.push(['demands', safeLine(obligations.map(({ name, value }) => `${name}=${value}`).join(', '))]);
  if (approval !== undefined) rows.push(['asks', askedText(approval)]);
  return rows;
}

function reasonsText(reasons: readonly AgainReason[]): string {
  return reasons.map(({ rule, text: words }) => `${words} (${rule})`).join('; ');
}

function notesOf(checked: Checked): readonly string[] {
  if (!checked.ok || checked.again.kind !== 'not-asked' || checked.again.missing.length === 0) return [];
  return [`who holds the record can show them: sallyport audit disclose ${short(String(checked.entry.id))} -o FILE`];
}
