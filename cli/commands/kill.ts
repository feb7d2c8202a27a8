import { nearest } from '@sallyport/core/model/nearest.ts';
import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { KillView, StatusView } from '@sallyport/gateway/api/view/status.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import type { Api } from '../api.ts';
import { arg, type Command, confirmed, flag, type Given, type Outcome, text, yesOption } from '../command.ts';
import { CliError, usageError } from '../exit.ts';
import { operatorNote } from '../format/operator.ts';
import { safeLine } from '../format/safe.ts';
import { clock } from '../format/time.ts';
import { didYouMean } from '../given/suggest.ts';

const scopes = 'SCOPE is `all`, `agent:ID`, `task:ID` or `server:ID`.';

export const kill: Command = {
  name: 'kill',
  group: 'Decide',
  args: '<scope>',
  summary: 'stop everything, one agent, one task or one server, from the next call on',
  about: `${scopes} It acts in every mode, is not asked about, and holds across restarts until \`unkill\`. What was granted does not come back
with the release: approvals are void, and a task that was opened needs \`task renew\`.`,
  examples: [
    ['sallyport kill all', 'nothing passes any more'],
    ['sallyport kill agent:assistant --why "looks hijacked"', 'one agent'],
    ['sallyport kill task:t_4c0v8m1r', 'one task, and what it delegated'],
    ['sallyport kill server:mail', 'nobody reaches this server any more'],
  ],
  options: [{ flags: '--why <text>', text: 'the reason, for the record' }],
  run: given => setKill(given, 'kill'),
};

export const unkill: Command = {
  name: 'unkill',
  group: 'Decide',
  args: '<scope>',
  summary: 'let it act again',
  about: `${scopes} The same scope that was killed.`,
  examples: [['sallyport unkill agent:assistant --why "was a test"', 'asks first']],
  options: [{ flags: '--why <text>', text: 'the reason, for the record' }, yesOption],
  run: async given => {
    if (!flag(given, 'yes')) await askAbout(given);
    return await setKill(given, 'unkill');
  },
};

/** Whoever lets it act again reads first who stopped it, and why. */
async function askAbout(given: Given): Promise<void> {
  const api = await given.api();
  const scope = await scopeOf(api, arg(given, 0));
  const { killed } = (await api.get<{ status: StatusView }>('status')).status;
  const found = killed.find(each => each.scope === scope);
  if (found === undefined) {
    const others =
      killed.length === 0 ? 'nothing is' : `stopped: ${killed.map(each => safeLine(each.scope)).join(', ')}`;
    throw new CliError('conflict', `${safeLine(scope)} is not stopped; ${others}`, 'See `sallyport status`.');
  }
  given.terminal.err(`${lineOf(found)}\n`);
  await confirmed(given, `Let ${safeLine(scope)} act again?`);
}

async function setKill(given: Given, verb: 'kill' | 'unkill'): Promise<Outcome> {
  const api = verb === 'kill' ? await given.api().catch(noneRuns) : await given.api();
  const scope = await scopeOf(api, arg(given, 0));
  const answer = await api.post<{ killed: KillView[] }>(verb, { scope, why: text(given, 'why') ?? '' });
  const { killed } = answer;
  const released = `released  ${safeLine(scope)}; ${killed.length === 0 ? 'nothing is stopped now' : 'still stopped:'}`;
  return {
    json: answer,
    text: [...(verb === 'kill' ? [] : [released]), ...killed.map(lineOf)].join('\n'),
    notes: verb === 'kill' ? [`undo: sallyport unkill ${scope}`] : operatorNote(answer.operator, given.paint),
  };
}

/** Whoever wants to stop something is not told to start something. */
function noneRuns(thrown: unknown): never {
  if (!(thrown instanceof CliError) || thrown.code !== 'not-running') throw thrown;
  const elsewhere =
    'If agents act all the same, name the state directory of the one that runs with --state DIR, or sign in with `sallyport login --url URL` where it runs elsewhere.';
  throw new CliError(thrown.code, `${thrown.message}: nothing passes through that one`, elsewhere, thrown.status);
}

function lineOf({ scope, at, by, why }: KillView): string {
  return `killed  ${safeLine(scope)}  since ${clock(at)} by ${safeLine(by)}${why === '' ? '' : `: ${safeLine(why)}`}`;
}

/** The whole scope; a task may be named by the beginning of its id. */
async function scopeOf(api: Api, typed: string): Promise<string> {
  if (typed === 'all' || /^(agent|server):/.test(typed)) return typed;
  const task = /^(?:task:)?(t_.*)$/.exec(typed)?.[1];
  if (task !== undefined)
    return `task:${(await api.get<{ task: TaskView }>(`tasks/${encodeURIComponent(task)}`)).task.id}`;
  const { agents } = await api.get<{ agents: AgentView[] }>('agents');
  const near = nearest(
    typed,
    agents.map(({ id }) => id),
  );
  if (near !== undefined) throw new CliError('usage', `${safeLine(typed)} is no scope`, didYouMean(`agent:${near}`), 2);
  throw usageError(`${safeLine(typed)} is no scope`, scopes);
}
