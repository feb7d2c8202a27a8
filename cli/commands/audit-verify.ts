import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { VerifyReport } from '@sallyport/gateway/journal/verify/verify.ts';
import { arg, type Command, type Given, type Outcome, text } from '../command.ts';
import { CliError, exit, usageError } from '../exit.ts';
import { facts } from '../format/columns.ts';
import type { Paint } from '../format/paint.ts';
import { safeLine } from '../format/safe.ts';
import { namedFile, replaceOption, writeNamed } from '../given/named-file.ts';
import { verifyTaskFile } from '../verify-task-file.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  group: 'Evidence',
  args: '[dir-or-file]',
  summary: 'prove that the record was not altered; no gateway needed',
  about: `Reads every entry, rebuilds the Merkle tree and holds it against the signed checkpoint, with code that shares nothing with
the writer. DIR is a journal or a copy of its log; default: that of the state directory. Ends with 0 if all is well, with 6
if anything was altered, with 2 if FILE is no export. A record put back to an older state, or replaced as a whole, is only found with a checkpoint and
a key that were kept elsewhere: --save-checkpoint makes one, --checkpoint and --vkey use them.
A FILE is what \`sallyport task ID --export FILE\` wrote: each of its entries is proven to stand in the signed record, unaltered
and in order, and none of the task’s entries up to the file’s checkpoint is missing, by a count that the log’s key signed.`,
  examples: [
    ['sallyport audit verify', 'the record of this gateway, while it runs or after'],
    ['sallyport audit verify --save-checkpoint ./today.checkpoint', 'and keep what it was verified against, elsewhere'],
    ['sallyport audit verify --checkpoint ./today.checkpoint --vkey ./log.vkey', 'it is the same record, only longer'],
  ],
  options: [
    { flags: '--checkpoint <file>', text: 'a checkpoint that was kept elsewhere' },
    { flags: '--vkey <file>', text: 'the log’s public key (default: vkey in the journal)' },
    {
      flags: '--save-checkpoint <file>',
      text: 'write the newest checkpoint there, if all is well and agrees with the one there',
    },
    replaceOption,
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { verifyJournal } = await import('@sallyport/gateway/journal/verify/verify.ts');
  const named = arg(given, 0);
  const file = resolve(given.terminal.cwd, named);
  if (named !== '' && statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    return await verifyTaskFile(file, given);
  const dir = named === '' ? join(given.stateDir, 'journal') : resolve(given.terminal.cwd, named);
  if (!existsSync(dir))
    throw new CliError('not-found', `there is no journal at ${dir}`, 'Name one, or the state directory: --state DIR.');
  const vkey = fileGiven(given, 'vkey') ?? keyBeside(dir);
  const against = (checkpoint: string | undefined): VerifyReport =>
    verifiedBy(() => verifyJournal({ dir, vkey, ...(checkpoint === undefined ? {} : { checkpoint }) }));
  const kept = fileGiven(given, 'checkpoint');
  if (kept !== undefined && !isCheckpoint(kept))
    throw usageError(
      `${safeLine(text(given, 'checkpoint') ?? '')} is no checkpoint, so nothing was held against it`,
      'One is written by `sallyport audit verify --save-checkpoint FILE`.',
    );
  const target = await namedFile(given, 'saveCheckpoint', isCheckpoint);
  let report = against(kept);
  const holdAgainst = (checkpoint: string): void => {
    const { agreesWith } = report;
    if (report.ok) report = { ...against(checkpoint), ...(agreesWith === undefined ? {} : { agreesWith }) };
  };
  let agreed = report.agreesWith;
  if (report.ok && target !== undefined) {
    // A checkpoint that is to be replaced would be the one to show that the record was put back, so it is asked first.
    const older = textOf(target);
    if (isCheckpoint(older)) holdAgainst(older);
    agreed = report.agreesWith;
    // What is saved is what was verified: the newest checkpoint is read once, and the record held against it. To agree with that says nothing.
    const newest = newestCheckpoint(dir);
    holdAgainst(newest);
    if (report.ok) writeNamed(target, newest, 0o644);
  }
  const saved = report.ok ? target : undefined;
  const ownKey = text(given, 'vkey') === undefined;
  return {
    status: report.ok ? exit.ok : exit.unhealthy,
    json: { dir, ...report, agreesWith: agreed, ...(saved === undefined ? {} : { saved }) },
    text: reportText(report, { dir, agreed, saved }, given.paint),
    notes: report.ok ? trusted(ownKey, kept !== undefined, saved) : [],
  };
}

/** A signed note over a tree head (C2SP tlog-checkpoint), whoever signed it. */
const isCheckpoint = (held: string): boolean => /^[^\n]+\n\d+\n[^\n]+\n\n(?:— [^\n]+\n)+$/.test(held);

/** Empty where there is no plain file. */
function textOf(file: string): string {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(file, 'utf8') : '';
}

/** What was taken on trust, and how it need not be. */
function trusted(ownKey: boolean, isKept: boolean, saved: string | undefined): string[] {
  if (saved !== undefined)
    return ['Keep it, and the public key (vkey in the journal), elsewhere: --checkpoint and --vkey take them.'];
  if (!isKept && ownKey)
    return [
      'Key and checkpoint were read from beside the record. Kept elsewhere they also find a record that was put back or replaced: --save-checkpoint FILE.',
    ];
  if (!isKept)
    return [
      'The checkpoint was read from beside the record. Kept elsewhere it also finds a record that was put back: --save-checkpoint FILE.',
    ];
  return ownKey
    ? ['The key was read from beside the record. Kept elsewhere it also finds a record that was replaced: --vkey FILE.']
    : [];
}

function fileGiven(given: Given, name: string): string | undefined {
  const file = text(given, name);
  return file === undefined ? undefined : readFileSync(resolve(given.terminal.cwd, file), 'utf8');
}

function keyBeside(dir: string): string {
  for (const file of [join(dir, 'vkey'), join(dir, '..', 'vkey')])
    if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new CliError('not-found', `there is no public key beside ${dir}`, 'Name the file that holds it: --vkey FILE.');
}

/** A key or directory that is none is the user's to correct; what is wrong with the record stands in the report. */
function verifiedBy(verify: () => VerifyReport): VerifyReport {
  try {
    return verify();
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw new CliError('usage', thrown.message, 'The file given with --vkey holds one line.', exit.usage);
    throw thrown;
  }
}

function newestCheckpoint(dir: string): string {
  const file = [join(dir, 'log', 'checkpoint'), join(dir, 'checkpoint')].find(path => existsSync(path));
  if (file !== undefined) return readFileSync(file, 'utf8');
  throw new CliError('not-found', `${dir} holds no checkpoint`, 'Is it a journal, or a copy of its log?');
}

interface Told {
  readonly dir: string;
  readonly agreed: number | undefined;
  readonly saved: string | undefined;
}

function reportText(report: VerifyReport, { dir, agreed, saved }: Told, paint: Paint): string {
  const { ok, entries, covered, uncovered, unfinishedBytes, origin, fault } = report;
  if (fault !== undefined) {
    const entry = fault.seq === undefined ? '' : `, entry ${fault.seq}`;
    return `${paint.bad('ALTERED')}  ${safeLine(fault.what)}\n         ${safeLine(fault.file)}, byte ${fault.offset}${entry}, in ${dir}`;
  }
  const rest = uncovered === 0 ? '' : `, ${uncovered} written since`;
  return facts(
    [
      [ok ? paint.good('VERIFIED') : '', `${entries} entries; ${covered} under the signed checkpoint${rest}`],
      ['log', `${safeLine(origin)}, in ${dir}`],
      agreed === undefined ? undefined : ['agrees', `with the checkpoint given, which covers ${agreed}`],
      saved === undefined ? undefined : ['saved', `the newest checkpoint, in ${saved}`],
      unfinishedBytes === 0
        ? undefined
        : ['unfinished', `${unfinishedBytes} bytes of an entry that is being written, or was cut off`],
    ],
    text => text,
  );
}
