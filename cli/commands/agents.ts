import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { Api } from '../api.ts';
import { arg, type Command, text } from '../command.ts';
import { table } from '../format/columns.ts';
import { counted } from '../format/counted.ts';
import { operatorNote } from '../format/operator.ts';
import { safeLine } from '../format/safe.ts';
import { moment } from '../format/time.ts';
import { replaceOption, writeNamed } from '../given/named-file.ts';
import { withSuggestion, withWord } from '../given/suggest.ts';
import { tokenFile, tokenFileOption } from '../given/token-file.ts';

export const agentsLs: Command = {
  name: 'agents ls',
  group: 'Connect',
  summary: 'the configured agents, their entries and tokens',
  examples: [['sallyport agents ls', 'ids, principals, classes; never a token']],
  run: async given => {
    const answer = await (await given.api()).get<{ agents: AgentView[] }>('agents');
    const rows = answer.agents.map(agent => [
      given.paint.bold(safeLine(agent.id)),
      safeLine(agent.principal),
      agent.classes.map(safeLine).join(' ') || '–',
      agent.entries.map(safeLine).join(' ') || '–',
      agent.tokens.map(({ id, issuedAt }) => `${id} (${moment(issuedAt)})`).join(', ') || '–',
      agent.killed ? given.paint.bad('killed') : '',
    ]);
    if (rows.length === 0)
      return { json: answer, notes: ['No agent is configured: add one under `agents:` in the configuration.'] };
    return {
      json: answer,
      text: table(['agent', 'principal', 'classes', 'entries', 'tokens', ''], rows, given.paint.faint),
    };
  },
};

export const agentsToken: Command = {
  name: 'agents token',
  group: 'Connect',
  args: '<agent>',
  summary: 'issue a bearer token for an agent that connects over HTTP',
  about: 'The token is shown once and only its hash is kept. The agent sends it as `Authorization: Bearer …` to /mcp.',
  examples: [
    ['sallyport agents token assistant --token-file ./assistant.token', 'into a file that only you can read'],
    ['TOKEN=$(sallyport agents token assistant)', 'into a variable of your shell'],
  ],
  options: [tokenFileOption, replaceOption],
  run: async given => {
    const file = await tokenFile(given);
    const api = await given.api();
    const agent = arg(given, 0);
    const answer = await known(
      api,
      agent,
      api.post<{ id: string; token: string }>(`agents/${encodeURIComponent(agent)}/token`),
    );
    const { token, ...shown } = answer;
    if (file !== undefined) writeNamed(file, `${token}\n`);
    return {
      json: file === undefined ? answer : shown,
      text: file === undefined ? token : `token ${answer.id} written to ${file}`,
      notes: [
        `take it back: sallyport agents revoke ${safeLine(agent)} --token ${answer.id}`,
        ...operatorNote(answer.operator, given.paint),
      ],
    };
  },
};

export const agentsRevoke: Command = {
  name: 'agents revoke',
  group: 'Connect',
  args: '<agent>',
  summary: 'take back the tokens of an agent',
  examples: [
    ['sallyport agents revoke assistant', 'all of them, from the next call on'],
    ['sallyport agents revoke assistant --token ID', 'one, by the name that `agents ls` shows'],
  ],
  options: [{ flags: '--token <id>', text: 'only this one' }],
  run: async given => {
    const api = await given.api();
    const agent = arg(given, 0);
    const body = { token: text(given, 'token') };
    const answer = await known(
      api,
      agent,
      api.post<{ agent: AgentView }>(`agents/${encodeURIComponent(agent)}/revoke`, body),
    );
    const left = answer.agent.tokens.length;
    return { json: answer, text: `${safeLine(agent)} has ${left === 0 ? 'no token' : counted(left, 'token')} left` };
  },
};

function known<T>(api: Api, agent: string, asked: Promise<T>): Promise<T> {
  const ids = async (): Promise<string[]> =>
    (await api.get<{ agents: AgentView[] }>('agents')).agents.map(({ id }) => id);
  const named = asked.catch(thrown => {
    throw withWord(thrown, 'agent', agent);
  });
  return withSuggestion(named, agent, ids, 'Agents are listed by `sallyport agents ls`.');
}
