import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import { labelWord } from '@sallyport/core/model/label.ts';
import { short } from './ids.ts';
import type { Paint } from './paint.ts';
import { safeLine } from './safe.ts';
import { clock, moment } from './time.ts';

/** What became of a decision, in a word; `…` while it runs. */
function did(outcome: Entry | undefined): string {
  switch (outcome?.kind) {
    case 'performed':
      return outcome.outcome === 'ok' ? 'performed' : `performed (${outcome.outcome})`;
    case 'reported':
      return outcome.outcome === 'ok' ? 'reported' : `reported (${outcome.outcome})`;
    case 'refused':
      return outcome.code === 'needs-approval' ? 'asked' : 'refused';
    case 'withheld':
      return 'answer withheld';
    case 'faulted':
      return `failed (${outcome.code})`;
    case 'indeterminate':
      return 'effect unknown';
    default:
      return '…';
  }
}

/** What enforcing would have done with the answer. */
export function wouldHave(answer: Decided['answer']): string {
  return { permit: 'perform', deny: 'refuse', ask: 'ask' }[answer];
}

export const decisionHeads = ['time', 'agent', 'tool', 'decided', 'would have', 'did', 'rule', 'id'];

/** One decision as a row under `decisionHeads`. */
export function decisionRow(entry: Entry & Decided, outcome: Entry | undefined, paint: Paint): string[] {
  const answered = { permit: paint.good, deny: paint.bad, ask: paint.warn }[entry.answer](entry.answer);
  // While enforcing, what would have been done is what was done: the column speaks where the two may differ.
  const would = entry.mode === 'enforce' ? '·' : paint.warn(wouldHave(entry.answer));
  return [
    paint.faint(clock(entry.at)),
    safeLine(entry.agent),
    paint.bold(safeLine(`${entry.action.server}/${entry.action.tool}`)),
    answered,
    would,
    did(outcome),
    safeLine(entry.reasons[0]?.rule ?? '–'),
    short(entry.id),
  ];
}

function loweredText({ what }: Extract<Entry, { kind: 'task.declassified' }>): string {
  if (what.kind === 'entry') return `what ${short(what.entry)} brought`;
  return what.kind === 'task' ? 'all that was read' : 'a value';
}

/** Any other entry, in one sentence after its time; undefined for those that only complete a decision. */
export function eventText(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'task.opened':
      return `task ${short(entry.task)} opened (${entry.taskKind})${entry.by === undefined ? '' : ` by ${entry.by}`} for ${entry.agent} on behalf of ${entry.principal}`;
    case 'task.ended':
      return `task ${short(entry.task)} ended by ${entry.by}: ${entry.why}`;
    case 'task.endorsed':
      return `${entry.endorsed.kind} endorsed up to ${entry.reach} for task ${short(entry.task)}${entry.until === undefined ? '' : ` until ${moment(entry.until)}`} by ${entry.by}: ${entry.why}`;
    case 'task.declassified':
      return `${loweredText(entry)} counts as ${entry.to} in task ${short(entry.task)}, says ${entry.by}: ${entry.why}`;
    case 'asked':
      return `approval ${short(entry.id)} asked of ${entry.approvers.join(', ')} for ${short(entry.decision)}`;
    case 'answered':
      return `approval ${short(entry.approval)} ${entry.answer} by ${entry.by} (${entry.proof})`;
    case 'task.heard':
      return `task ${short(entry.task)} heard more ${entry.counts ? 'from its principal' : 'that counts for nothing: a command of the agent was under way'}`;
    case 'task.reached':
      return `task ${short(entry.task)} was sent a message by task ${short(entry.from)}, and has its labels: ${entry.labels.map(({ label }) => labelWord(label)).join(', ')}`;
    case 'overruled':
      return entry.over === 'asked'
        ? `${entry.server}/${entry.tool} ran after its client asked its user (${short(entry.decision)})`
        : `${entry.server}/${entry.tool} RAN ALTHOUGH IT WAS REFUSED (${short(entry.decision)}): its client did not heed the answer`;
    case 'task.narrowed':
      return `task ${short(entry.task)} narrowed by ${entry.by}: ${entry.why}`;
    case 'task.suspended':
      return `task ${short(entry.task)} suspended by ${entry.by}: ${entry.why}`;
    case 'task.resumed':
      return `task ${short(entry.task)} resumed by ${entry.by}`;
    case 'task.renewed':
      return `task ${short(entry.task)} renewed by ${entry.by}`;
    case 'seconded':
      return `approval ${short(entry.approval)} seconded by ${entry.by} (${entry.proof}); it needs more than one person`;
    case 'rejected':
      return `rejected ${entry.what}: ${entry.code}${callerText(entry)}  ${short(entry.id)}`;
    case 'world.activated':
      return `world ${short(entry.world)} activated by ${entry.by}`;
    case 'pinned':
      return `${entry.server}/${entry.tool} ${entry.state} by ${entry.by}: ${entry.why}`;
    case 'killed':
      return `${entry.stop ? 'killed' : 'unkilled'} ${scopeText(entry.scope)} by ${entry.by}${entry.why === '' ? '' : `: ${entry.why}`}`;
    case 'mode.set':
      return `mode of ${entry.scope} set to ${entry.mode} by ${entry.by}`;
    case 'agent.token':
      return `token ${entry.token} of agent ${entry.agent} ${entry.state} by ${entry.by}`;
    case 'credential.requested':
      return `credential ${entry.credential} for ${entry.server} wanted by ${entry.agent} for ${entry.principal}`;
    case 'credential.issued':
      return `credential lease ${short(entry.lease)} issued`;
    case 'credential.ended':
      return `credential lease ${short(entry.lease)} ${entry.outcome}: ${entry.why}`;
    case 'started':
      return `gateway ${entry.version} started${entry.unresolved.length === 0 ? '' : `; ${entry.unresolved.length} decisions had no outcome, their tasks got the worst labels`}`;
    case 'erased':
      return `bodies of ${entry.task === undefined ? `everything before ${moment(entry.before ?? 0)}` : `task ${short(entry.task)}`} erased by ${entry.by}: ${entry.why}`;
    default:
      return undefined;
  }
}

function callerText({ agent, task }: Extract<Entry, { kind: 'rejected' }>): string {
  if (agent === undefined) return '';
  return task === undefined ? ` (agent ${agent})` : ` (agent ${agent}, task ${short(task)})`;
}

function scopeText(scope: Extract<Entry, { kind: 'killed' }>['scope']): string {
  switch (scope.kind) {
    case 'all':
      return 'everything';
    case 'agent':
      return `agent ${scope.agent}`;
    case 'task':
      return `task ${short(scope.task)}`;
    case 'server':
      return `server ${scope.server}`;
  }
}

/** The decision that an outcome completes. */
export function decisionOf(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'performed':
    case 'reported':
    case 'refused':
    case 'withheld':
    case 'faulted':
    case 'indeterminate':
      return entry.decision;
    default:
      return undefined;
  }
}
