import { unreadDigest } from '@sallyport/gateway/api/view/policy.ts';
import type {
  ChannelView,
  JournalState,
  LeftOutView,
  RunsFrom,
  ServerState,
  StatusView,
  TokensLost,
} from '@sallyport/gateway/api/view/status.ts';
import type { Command, Given, Outcome } from '../command.ts';
import { exit } from '../exit.ts';
import { columns, facts } from '../format/columns.ts';
import { counted } from '../format/counted.ts';
import { short } from '../format/ids.ts';
import { observedText } from '../format/observed.ts';
import type { Paint } from '../format/paint.ts';
import { quotedWords, safeLine } from '../format/safe.ts';
import { clock, duration, moment } from '../format/time.ts';
import { credentialAbout, credentialState } from './credentials.ts';

export const status: Command = {
  name: 'status',
  group: 'Run',
  summary: 'whether the gateway runs, and whether it is well',
  about: 'Ends with 0 if everything is well, with 6 if nothing runs or something is down.',
  examples: [
    ['sallyport status', 'servers, tasks, approvals, modes, journal'],
    ['sallyport status --json', 'the same for a program'],
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const answer = await api.get<{ status: StatusView }>('status');
  const view = answer.status;
  return {
    status: isWell(view) ? exit.ok : exit.unhealthy,
    json: answer,
    text: statusText(view, answer.operator, given),
    notes: nextSteps(view),
  };
}

function isWell(view: StatusView): boolean {
  return view.state === 'ready' && view.journal.state === 'ok' && view.servers.every(server => server.state !== 'down');
}

function statusText(view: StatusView, operator: string, { paint }: Given): string {
  const { modes, journal } = view;
  const scopes = modes.scopes.filter(({ scope }) => scope !== 'default').map(({ scope, mode }) => `${scope} ${mode}`);
  const lines = facts(
    [
      ['gateway', `${stateText(view, paint)}  ${view.version}, for ${duration(view.now - view.startedAt)}`],
      view.runsFrom === undefined ? undefined : ['runs from', runsFromText(view.runsFrom)],
      ['listens on', `http://${view.listen}`],
      ['state in', view.stateDir],
      ['operator', operator.startsWith('advisory') ? paint.warn(operator) : operator],
      ['mode', [paint.bold(modes.fallback), ...scopes.map(safeLine)].join(', ')],
      view.observed === undefined ? undefined : ['observed', paint.warn(observedText(view.observed))],
      ['policies', `${view.policies} in world ${short(view.world)}${candidateText(view, paint)}`],
      ['journal', journalText(journal, paint)],
      ['tasks', `${view.tasks.open} open, ${counted(view.agents, 'agent')}`],
      ['approvals', view.approvals.pending === 0 ? 'none waits' : paint.warn(waiting(view.approvals.pending))],
      ...(view.channels ?? []).map((channel): [string, string] => ['channel', channelText(channel, paint)]),
      (view.findings ?? 0) === 0
        ? undefined
        : ['findings', paint.warn(`${counted(view.findings ?? 0, 'task')} did unusual things`)],
      view.quarantined === 0 ? undefined : ['quarantine', paint.warn(counted(view.quarantined, 'tool'))],
      view.tokensLost === undefined ? undefined : ['tokens', paint.bad(tokensLostText(view.tokensLost))],
      ...(view.credentials ?? []).map(({ name, state }): [string, string] => [
        'credential',
        `${paint.bold(safeLine(name))} ${credentialState(state, paint)}: ${credentialAbout(state)}`,
      ]),
    ],
    paint.faint,
  );
  const killed = view.killed.map(kill =>
    paint.bad(`KILLED ${safeLine(kill.scope)} at ${clock(kill.at)} by ${safeLine(kill.by)}: ${safeLine(kill.why)}`),
  );
  return [lines, ...killed, '', serversText(view, paint)].join('\n');
}

function candidateText({ candidate }: StatusView, paint: Paint): string {
  if (candidate === undefined) return '';
  return paint.warn(
    candidate === unreadDigest ? '; their files cannot be read' : '; a changed set waits to be activated',
  );
}

function waiting(questions: number): string {
  return questions === 1 ? '1 waits' : `${questions} wait`;
}

/** What it means for an operator stands in decision 0081: the same program, with some 10 MB more and a slower start. */
export function runsFromText(from: RunsFrom): string {
  return from.kind === 'bundle' ? 'a bundle of its sources' : `its sources: ${safeLine(from.because)}`;
}

function journalText({ state, entries, filing }: JournalState, paint: Paint): string {
  const text = `${state === 'ok' ? 'ok' : paint.bad(state)}, ${counted(entries, 'entry', 'entries')}`;
  if (filing === undefined) return text;
  return `${text}; ${paint.warn(`${Math.floor(100 * filing)} % are filed`)}: tail, why and tasks wait for the rest`;
}

export function tokensLostText({ at }: TokensLost): string {
  return `which were revoked was lost at ${moment(at)}: every access and refresh token of before has ended`;
}

export function tokensLostFix({ file }: TokensLost): string {
  return `find out what removed ${safeLine(file)}; people sign in again: sallyport login`;
}

function stateText({ state }: StatusView, paint: Paint): string {
  return state === 'ready' ? paint.good(state) : paint.warn(state);
}

/** What became of its newest message. */
function channelText({ id, state, at, why }: ChannelView, paint: Paint): string {
  const name = paint.bold(safeLine(id));
  if (state === 'unused' || at === undefined) return `${name} has told nobody anything yet`;
  if (state === 'ok') return `${name} ${paint.good('ok')}, told somebody at ${clock(at)}`;
  return `${name} ${paint.bad('failing')} since ${clock(at)}: ${safeLine(why ?? 'no reason is known')}`;
}

function serversText({ servers }: StatusView, paint: Paint): string {
  if (servers.length === 0) return 'no servers are configured';
  return columns(
    servers.map(({ id, transport, state, tools, ...down }) => [
      paint.bold(id),
      transport,
      state === 'ready' ? paint.good(state) : state === 'down' ? paint.bad(state) : paint.warn(state),
      counted(tools, 'tool'),
      [downText(down), ...(down.leftOut ?? []).map(leftOutText)].filter(text => text !== '').join('; '),
    ]),
  );
}

function leftOutText({ kind, name, why }: LeftOutView): string {
  return `left out: ${kind} ${safeLine(name)} (${safeLine(why)})`;
}

const saidCharsMax = 200;

/** Why a server is down, and what it said of that itself. */
export function downText({ why, said }: Pick<ServerState, 'why' | 'said'>): string {
  const words = said === undefined ? [] : [`it said: ${quotedWords(said, saidCharsMax)}`];
  return [...(why === undefined ? [] : [safeLine(why)]), ...words].join('; ');
}

function nextSteps(view: StatusView): string[] {
  const down = view.servers.filter(({ state }) => state === 'down').map(({ id }) => id);
  const steps = down.length === 0 ? [] : [`look what is wrong with ${down.join(', ')}: sallyport doctor`];
  for (const { scope } of view.killed) steps.push(`let it act again: sallyport unkill ${safeLine(scope)}`);
  if (view.tokensLost !== undefined) steps.push(tokensLostFix(view.tokensLost));
  if (view.approvals.pending > 0) steps.push('look at what waits: sallyport approvals');
  if ((view.findings ?? 0) > 0) steps.push('look at what was unusual: sallyport findings');
  if (view.quarantined > 0) steps.push('look at what changed: sallyport tools diff');
  if (view.candidate === unreadDigest) steps.push('look what is wrong with the policy files: sallyport policy check');
  else if (view.candidate !== undefined) steps.push('look at the changed policies: sallyport policy activate');
  if (view.modes.fallback === 'observe') steps.push('what enforcing would have done: sallyport report');
  return steps;
}
