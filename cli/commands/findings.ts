import { riskAskScore } from '@sallyport/core/behaviour/signals.ts';
import type { FindingView } from '@sallyport/gateway/api/view/finding.ts';
import { type Command, type Given, type Outcome, text } from '../command.ts';
import { short } from '../format/ids.ts';
import type { Paint } from '../format/paint.ts';
import { safeLine } from '../format/safe.ts';
import { signalLines } from '../format/signals.ts';
import { moment } from '../format/time.ts';
import { findTask } from '../given/named-task.ts';

export const findings: Command = {
  name: 'findings',
  group: 'See',
  summary: 'what was unusual about tasks, beside what their agents usually do',
  about: `A finding is statistics, not a proof. From a score of ${riskAskScore} on the default policies ask before anything but reading; no single
signal reaches that.`,
  examples: [
    ['sallyport findings', 'of all tasks, the newest first'],
    ['sallyport findings --task t_4c0v8m1r', 'of one'],
  ],
  options: [{ flags: '--task <id>', text: 'only of this task' }],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const task = text(given, 'task');
  const answer = await api.get<{ findings: FindingView[] }>('findings', { task });
  if (task !== undefined && answer.findings.length === 0) await findTask(api, task);
  if (answer.findings.length === 0) return { json: answer, notes: ['Nothing unusual was noticed.'] };
  const lines = answer.findings.flatMap(finding => ['', headLine(finding, given.paint), ...signalLines(finding)]);
  return { json: answer, text: lines.slice(1).join('\n') };
}

function headLine({ task, agent, kind, score, decision, at, actions }: FindingView, paint: Paint): string {
  const about = actions === 1 ? 'one action' : `${actions} actions`;
  const weight = score >= riskAskScore ? paint.warn(`score ${score}`) : `score ${score}`;
  const why = paint.faint(`sallyport why ${short(decision)}`);
  return `${paint.bold(short(task))}  ${weight}  ${safeLine(agent)}, ${safeLine(kind)}, ${about}, ${moment(at)}  ${why}`;
}
