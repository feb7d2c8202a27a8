import { join } from 'node:path';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { credentialKinds, livesOf } from '@sallyport/gateway/api/view/credential-lives.ts';
import type { FindingView } from '@sallyport/gateway/api/view/finding.ts';
import { ReceiptError } from '@sallyport/gateway/receipt/receipt-error.ts';
import { arg, type Command, type Given, type Outcome } from '../command.ts';
import { CliError, usageError } from '../exit.ts';
import { counted } from '../format/counted.ts';
import { livesText } from '../format/credential-lives.ts';
import { short } from '../format/ids.ts';
import { signalLines } from '../format/signals.ts';
import { actKinds, actsText } from '../format/task-acts.ts';
import { taskText } from '../format/task-text.ts';
import { namedFile, replaceOption, writeNamed } from '../given/named-file.ts';
import { findTask } from '../given/named-task.ts';

export const task: Command = {
  name: 'task',
  group: 'See',
  args: '<id>',
  summary: 'one task: purpose, manifest, limits, what it did, credentials, labels',
  about: `With --export it writes all that the signed record holds of the task into one file: every entry with the proof of its place, and the
signed checkpoint. \`sallyport audit verify FILE --vkey KEY\` checks it anywhere. No gateway needed for that.`,
  examples: [
    ['sallyport task t_4c0v8m1r', 'by any unique beginning of its id'],
    ['sallyport task t_4c0v8m1r --export task.proof', 'as one signed file, to hand over'],
  ],
  options: [{ flags: '--export <file>', text: 'write the task as one signed file' }, replaceOption],
  run,
};

async function run(given: Given): Promise<Outcome> {
  // A misspelt word of another `task …` command ends here as well.
  if (!arg(given, 0).startsWith('t_'))
    throw usageError('this is no id of a task: those begin with `t_`', 'See `sallyport task --help`.');
  const target = await namedFile(given, 'export');
  if (target !== undefined) return await exportTo(target, given);
  const api = await given.api();
  const answer = await findTask(api, arg(given, 0));
  const { id } = answer.task;
  const { findings } = await api.get<{ findings: FindingView[] }>('findings', { task: id });
  const query = { task: id, kind: credentialKinds.join(','), limit: 1_000 };
  const { entries } = await api.get<{ entries: Entry[] }>('entries', query);
  const lives = livesOf([...entries].sort((a, b) => a.seq - b.seq));
  const acts = await api.get<{ entries: Entry[] }>('entries', { task: id, kind: actKinds.join(','), limit: actsMax });
  const inOrder = [...acts.entries].sort((a, b) => a.seq - b.seq);
  const isCut = acts.entries.length === actsMax;
  const heading = isCut ? `did, as far as its newest ${actsMax} entries say` : 'did';
  const did = inOrder.length === 0 ? [] : ['', given.paint.bold(heading), actsText(inOrder, given.paint)];
  const lent = lives.length === 0 ? [] : ['', given.paint.bold('credentials'), livesText(lives)];
  const noticed = findings.flatMap(finding => ['', given.paint.bold('unusual'), ...signalLines(finding)]);
  return {
    json: { ...answer, findings, credentials: lives },
    text: [taskText(answer.task, Date.now(), given.paint), ...did, ...lent, ...noticed].join('\n'),
    notes: [`its decisions: sallyport tail --task ${short(id)}`],
  };
}

const actsMax = 1_000;

async function exportTo(file: string, given: Given): Promise<Outcome> {
  const { exportTask } = await import('@sallyport/gateway/receipt/task-export.ts');
  try {
    const made = await exportTask(given.stateDir, arg(given, 0));
    writeNamed(file, made.text);
    const { task: id, entries } = made;
    return {
      json: { task: id, entries, file },
      text: `${counted(entries, 'entry', 'entries')} of task ${id} ${entries === 1 ? 'is' : 'are'} in ${file}`,
      notes: [`check it: sallyport audit verify ${file} --vkey ${join(given.stateDir, 'journal', 'vkey')}`],
    };
  } catch (thrown) {
    if (thrown instanceof ReceiptError) throw new CliError(thrown.code, thrown.message, thrown.fix);
    throw thrown;
  }
}
