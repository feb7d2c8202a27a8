import type { Acted } from '@sallyport/core/model/acted.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { byEntry, type LabelSource, labelWord } from '@sallyport/core/model/label.ts';
import type { WhyView } from '@sallyport/gateway/api/view/decision.ts';
import type { EntriesPage } from '@sallyport/gateway/api/view/entries.ts';
import type { Api } from '../api.ts';
import { arg, type Command, type Given, type Outcome } from '../command.ts';
import { actedText } from '../format/acted.ts';
import { columns } from '../format/columns.ts';
import { costLines } from '../format/cost.ts';
import { eventText, wouldHave } from '../format/entry-row.ts';
import { identityLines, rejectionText } from '../format/identity.ts';
import { short } from '../format/ids.ts';
import type { Paint } from '../format/paint.ts';
import { changeLines, reasonLines } from '../format/reasons.ts';
import { cameBackLines, factLines, requestLines } from '../format/request.ts';
import { quotedWords, safeLine } from '../format/safe.ts';
import { signalLines } from '../format/signals.ts';
import { endorsedLine, loweredLine } from '../format/task-text.ts';
import { clock, micros, moment } from '../format/time.ts';
import { valueLines } from '../format/value-lines.ts';
import { withSuggestion } from '../given/suggest.ts';

export const why: Command = {
  name: 'why',
  group: 'See',
  args: '<id>',
  summary: 'why one action was decided as it was',
  about: `Shows the request, the facts, each deciding policy with file and line, the entries its labels came from, the smallest
change that would permit, how the agent proved itself, and timings. A \`world\` is the policies and
tools that were in force together. ID is a decision or any entry that belongs to one; a unique beginning is enough. Of a
rejected proof it shows what exactly was wrong with it, which nobody outside is told.`,
  examples: [
    ['sallyport why d_7k3m9q2x', 'one decision, by the short form that `tail` shows'],
    ['sallyport why d_7k3m9q2x --json', 'everything that is known about it'],
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const id = arg(given, 0);
  const alone = /^(e|t|ap)_/.test(id) ? await entryAlone(api, id) : undefined;
  if (alone !== undefined) return { json: { entry: alone.entry }, text: alone.text };
  const answer = await withSuggestion(
    api.get<{ decision: WhyView }>(`decisions/${encodeURIComponent(id)}`),
    id,
    () => recentDecisions(api),
    'The newest ids are in `sallyport tail`.',
  );
  return { json: answer, text: whyText(answer.decision, given) };
}

/** What never became an action, and what people did, has no decision: the entry itself is the whole story. */
async function entryAlone(api: Api, id: string): Promise<{ readonly entry: Entry; readonly text: string } | undefined> {
  const { entry } = await api
    .get<{ entry?: Entry }>(`entries/${encodeURIComponent(id)}`)
    .catch(() => ({ entry: undefined }));
  if (entry?.kind === 'rejected') return { entry, text: rejectionText(entry) };
  const isOfDecision = entry === undefined || ['asked', 'answered', 'seconded'].includes(entry.kind);
  const said = isOfDecision ? undefined : eventText(entry);
  return entry === undefined || said === undefined ? undefined : { entry, text: storyOf(entry, said) };
}

function storyOf(entry: Entry, said: string): string {
  const by = 'by' in entry && entry.by !== undefined ? [`  by ${actedText({ ...entry, by: entry.by } as Acted)}`] : [];
  const all = entry.kind.startsWith('task.') && 'task' in entry && entry.task !== undefined;
  const next = all ? [`  all that it did: sallyport task ${short(entry.task)}`] : [];
  return [`${safeLine(said)}  ${short(entry.id)}`, `  ${moment(entry.at)}`, ...by, ...next].join('\n');
}

async function recentDecisions(api: Api): Promise<string[]> {
  const page = await api.get<EntriesPage>('entries', { kind: 'decided', limit: 500 });
  return page.entries.flatMap(entry => [entry.id, short(entry.id)]);
}

const purposeCharsMax = 400;

function whyText(view: WhyView, { paint, terminal }: Given): string {
  const { action, agent, task } = view;
  const proof = agent.proof === undefined ? '' : ` (${agent.proof}, trust ${agent.trust})`;
  const kind = task.kind === undefined ? '' : `${task.kind} `;
  const opened = task.opener === undefined ? '' : ` opened by ${task.opener}`;
  const purpose =
    task.purpose === undefined || task.purpose === '' ? '' : `  ${quotedWords(task.purpose, purposeCharsMax)}`;
  const sections: (readonly [string, readonly string[]])[] = [
    ['request', requestLines(view.arguments, paint)],
    ['taken out', redactedLines(view)],
    ['not seen by the agent', putBackLines(view, paint)],
    ['decided by', reasonLines(view.reasons, terminal.cwd, paint)],
    ['values', valueLines(view, paint)],
    ['unusual', unusualLines(view)],
    ['approval', approvalLines(view)],
    ['what became of it', becameLines(view)],
    ['would permit', changeLines(view.change)],
    ['labels', labelLines(view, paint)],
    ['declassified', (view.declassified ?? []).map(loweredLine)],
    ['endorsed', (view.endorsed ?? []).map(endorsedLine)],
    ['what came back', [...resultLines(view, paint), ...cameBackLines(view.result, paint)]],
    ['its cost', costLines(view.facts, paint)],
    ['credentials', credentialLines(view)],
    ['identity', identityLines(agent, view.at)],
    ['facts', factLines(view.facts, paint)],
  ];
  return [
    `${paint.bold(safeLine(`${action.server}/${action.tool}`))}  ${verdictText(view, paint)}  ${view.id}`,
    `  agent ${safeLine(agent.id)}${proof} for ${safeLine(task.principal)}, ${kind}task ${short(task.id)}${opened}${purpose}`,
    `  ${moment(view.at)} through ${view.door}, ${action.classes.join(' ') || 'no class'}, ${action.bytes} bytes, world ${short(view.world)}${view.worldInForce ? '' : paint.warn(' (not in force any more)')}`,
    ...sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : ['', paint.bold(title), ...lines])),
    '',
    timingsText(view),
  ].join('\n');
}

/** Where it went otherwise than a permitted action does. */
function becameLines({ outcome, task }: WhyView): string[] {
  const said = outcome === undefined ? undefined : becameText(outcome);
  const late = outcome !== undefined && task.endedAt !== undefined && outcome.at > task.endedAt && wasSent(outcome);
  return [
    ...(said === undefined ? [] : [`  ${safeLine(said)}`]),
    ...(late
      ? [`  its task had ended at ${clock(task.endedAt)}; it had been sent before, and is not called back`]
      : []),
  ];
}

function wasSent({ kind }: Entry): boolean {
  return kind === 'performed' || kind === 'withheld' || kind === 'indeterminate';
}

function becameText(outcome: Entry): string | undefined {
  switch (outcome.kind) {
    case 'faulted':
      return `nothing was sent: ${outcome.why ?? outcome.code}`;
    case 'indeterminate':
      return `it was sent, and its effect is not known: ${outcome.why ?? outcome.code}`;
    case 'withheld':
      return `the server answered, and the answer was kept back: ${outcome.why}`;
    default:
      return undefined;
  }
}

/** What policy had taken out before the arguments went on, and before the agent was given what came back. */
function redactedLines({ redacted, outcome }: WhyView): string[] {
  const came = outcome?.kind === 'performed' ? outcome.redacted : undefined;
  const counts = (found: Readonly<Record<string, number>>): string =>
    Object.entries(found)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ');
  return [
    ...(redacted === undefined ? [] : [`  of the arguments: ${counts(redacted.found)}`]),
    ...(came === undefined ? [] : [`  of what came back: ${counts(came)}`]),
  ];
}

/** How long each lived, and what became of it. */
function credentialLines({ credentials = [] }: WhyView): string[] {
  return credentials.map(({ credential, scope, issuedAt, expiresAt, endedAt, outcome, why, revocable }) => {
    const from = issuedAt === undefined ? 'never issued' : `issued ${moment(issuedAt)}`;
    const until = expiresAt === undefined ? 'no end of its own' : `ends by itself ${moment(expiresAt)}`;
    const now = endedAt === undefined ? 'still lent' : `${outcome} ${moment(endedAt)}: ${why}`;
    const words = [from, until, revocable === true ? 'can be revoked' : 'cannot be revoked', now];
    return `  ${safeLine(credential)}${scope === undefined ? '' : ` (${safeLine(scope)})`}  ${safeLine(words.join(', '))}`;
  });
}

function verdictText(view: WhyView, paint: Paint): string {
  const answer = { permit: paint.good('PERMITTED'), deny: paint.bad('DENIED'), ask: paint.warn('NEEDS APPROVAL') }[
    view.answer
  ];
  const did = view.did ?? 'still running';
  if (view.mode === 'enforce') return `${answer} → ${did}`;
  return `${answer} → ${did} (mode ${view.mode}; enforcing would ${wouldHave(view.answer)})`;
}

/** Values that stand where the agent sent handles. */
function putBackLines({ putBack = [] }: WhyView, paint: Paint): string[] {
  const rows = putBack.map(({ argument, entry, path }) => [
    `  ${safeLine(argument)}`,
    `from ${safeLine(path)}`,
    paint.faint(`sallyport why ${short(entry)}`),
  ]);
  return rows.length === 0 ? [] : columns(rows).split('\n');
}

function unusualLines({ risk }: WhyView): string[] {
  return risk === undefined ? [] : [`  score ${risk.score} of 100`, ...signalLines(risk)];
}

/** What came back is marked with, and what of it was written there by others before. */
function resultLines({ outcome, senders = [] }: WhyView, paint: Paint): string[] {
  if (outcome?.kind !== 'performed' || outcome.labels.length === 0) return [];
  const inherited = outcome.inherited ?? [];
  const written = inherited.length === 0 ? [] : ['  written there before', ...sourceLines(inherited, paint)];
  const sent = senders.length === 0 ? [] : [`  sent by ${senders.map(safeLine).join(', ')}`];
  return [`  ${outcome.labels.map(labelWord).join(' ')}`, ...sent, ...written];
}

function labelLines({ labels }: WhyView, paint: Paint): string[] {
  if (labels.length === 0) return [paint.faint('  none: this task had read nothing')];
  return sourceLines(labels, paint);
}

function sourceLines(labels: readonly LabelSource[], paint: Paint): string[] {
  return columns(
    byEntry(labels).map(source => [
      `  ${source.labels.map(labelWord).join(' ')}`,
      `from ${safeLine(`${source.server}/${source.tool}`)}`,
      clock(source.at),
      paint.faint(`sallyport why ${short(source.entry)}`),
    ]),
  ).split('\n');
}

const uses: Readonly<Record<NonNullable<WhyView['approval']>['use'], string>> = {
  asked: 'asked',
  used: 'used',
  'given back': 'given back',
  void: 'not used, and void since a stop',
  awaited: 'awaited',
};

function approvalLines({ approval }: WhyView): string[] {
  if (approval === undefined) return [];
  const answered =
    approval.answer === undefined
      ? 'not answered'
      : `${approval.answer} by ${actedText({ ...approval, by: approval.by ?? '?' })}`;
  const until =
    approval.isVoid === true
      ? '; void since a stop, the end of its task, or the same being asked anew'
      : approval.expiresAt === undefined
        ? ''
        : `, until ${clock(approval.expiresAt)}`;
  return [`  ${short(approval.id)} ${uses[approval.use]}: ${answered}${until}`];
}

function timingsText({ timings }: WhyView): string {
  const perform = timings.performMicros === undefined ? '' : `, the server took ${micros(timings.performMicros)}`;
  return `decided in ${micros(timings.decideMicros)}${perform}`;
}
