import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { arg, type Command, count, type Given, type Outcome, text } from '../command.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { moment } from '../format/time.ts';
import { replaceOption, writeNamed } from '../given/named-file.ts';
import { postTask } from '../given/named-task.ts';
import { tokenFile, tokenFileOption } from '../given/token-file.ts';

export const taskRenew: Command = {
  name: 'task renew',
  group: 'Decide',
  args: '<id>',
  summary: 'a new token for an open task; the one before counts no more',
  about: `The task is held against its kind as it is in force now, and its limits stay what they were. A call that is under way is
not cut. With \`--access\` there is also an access token, minutes long, that proves the agent and names the task by itself.`,
  examples: [
    ['sallyport task renew t_4c0v8m1r --token-file task.token', 'the token goes into a private file'],
    ['sallyport task renew t_4c0v8m1r --access /mcp/files --seconds 300', 'and an access token for one server'],
  ],
  options: [
    { flags: '--access <path>', text: 'also an access token for /mcp or /mcp/SERVER' },
    { flags: '--seconds <n>', text: 'its life (default 600, at most an hour)' },
    { flags: '--jkt <thumbprint>', text: 'bind it to this key (DPoP)' },
    tokenFileOption,
    replaceOption,
  ],
  run: renew,
};

interface Renewed {
  readonly task: TaskView;
  readonly token: string;
  readonly access?: { readonly token: string; readonly expiresAt: number };
}

async function renew(given: Given): Promise<Outcome> {
  const file = await tokenFile(given);
  const audience = text(given, 'access');
  const seconds = count(given, 'seconds');
  const access = audience === undefined ? undefined : { audience, seconds, jkt: text(given, 'jkt') };
  const body = access === undefined ? {} : { access };
  const { token, ...answer } = await postTask<Renewed>(await given.api(), arg(given, 0), 'renew', body);
  if (file !== undefined) writeNamed(file, `${token}\n`);
  const lines = [`task ${short(answer.task.id)} renewed`];
  if (file === undefined) lines.push(`token  ${token}`);
  if (answer.access !== undefined)
    lines.push(`access ${answer.access.token}`, `       until ${moment(answer.access.expiresAt)}`);
  return {
    json: file === undefined ? { ...answer, token } : answer,
    text: lines.join('\n'),
    notes: operatorNote(answer.operator, given.paint),
  };
}
