import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TaskChecked } from '@sallyport/gateway/receipt/check/task-check.ts';
import { type Given, type Outcome, text } from './command.ts';
import { CliError, exit } from './exit.ts';
import { facts } from './format/columns.ts';
import { counted } from './format/counted.ts';
import { safeLine } from './format/safe.ts';
import { moment } from './format/time.ts';

const fileBytesMax = 512 * 2 ** 20;

/** `audit verify FILE`: a task that somebody exported, checked with the log's public key alone. */
export async function verifyTaskFile(file: string, given: Given): Promise<Outcome> {
  if (statSync(file).size > fileBytesMax)
    throw new CliError('usage', `${file} is larger than ${fileBytesMax} bytes`, undefined, exit.usage);
  const content = readFileSync(file, 'utf8');
  if (content.startsWith('c2sp.org/tlog-proof@'))
    throw new CliError(
      'usage',
      `${file} is the receipt of one decision`,
      `Check it: sallyport audit check ${file}`,
      exit.usage,
    );
  const { checkTaskExport, isTaskExport } = await import('@sallyport/gateway/receipt/check/task-check.ts');
  if (!isTaskExport(content))
    throw new CliError(
      'usage',
      `${file} is no export of a task, so nothing in it can be verified`,
      'One is written by `sallyport task ID --export FILE`. The whole record is verified by the directory of its journal.',
      exit.usage,
    );
  const named = text(given, 'vkey');
  const vkey = named === undefined ? join(given.stateDir, 'journal', 'vkey') : resolve(given.terminal.cwd, named);
  if (!existsSync(vkey))
    throw new CliError('not-found', `there is no public key at ${vkey}`, 'Name the file that holds it: --vkey FILE.');
  const checked = keyed(() => checkTaskExport(content, readFileSync(vkey, 'utf8')));
  const { entries = [], ...rest } = checked as Partial<Extract<TaskChecked, { ok: true }>>;
  return {
    status: checked.ok ? exit.ok : exit.unhealthy,
    json: { file, ...(checked.ok ? { ...rest, entries: entries.length } : checked) },
    text: textOf(checked, file, given),
    notes: checked.ok ? [provenBy] : [],
  };
}

const provenBy =
  'That these are all of them is the word of the log’s key, given with that checkpoint. Against whoever holds the key, verify the whole record.';

/** A key that is none is the user's to correct. */
function keyed(check: () => TaskChecked): TaskChecked {
  try {
    return check();
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw new CliError('usage', thrown.message, 'The file given with --vkey holds one line.', exit.usage);
    throw thrown;
  }
}

function textOf(checked: TaskChecked, file: string, { paint }: Given): string {
  if (!checked.ok) {
    const where = checked.entry === undefined ? '' : `${safeLine(checked.entry)}: `;
    return `${paint.bad('ALTERED')}  ${where}${safeLine(checked.fault)}\n         ${file}`;
  }
  const { task, entries, size, origin, open } = checked;
  const [first, last] = [entries.at(0), entries.at(-1)];
  const running = open.length === 0 ? '' : `; ${open.length} without an outcome when the file was made`;
  return facts(
    [
      [
        paint.good('VERIFIED'),
        `${counted(entries.length, 'entry', 'entries')}: all that the task has among the ${size} that were signed for`,
      ],
      ['task', `${task}, ${safeLine(String(first?.agent))} for ${safeLine(String(first?.principal))}`],
      ['from', `${moment(Number(first?.at))} to ${moment(Number(last?.at))}`],
      ['decisions', `${entries.filter(({ kind }) => kind === 'decided').length}${running}`],
      ['log', `${safeLine(origin)}, in ${file}`],
    ],
    name => name,
  );
}
