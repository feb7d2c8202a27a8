import { join } from 'node:path';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import type { Stage } from './stage.ts';

/** What was left behind by the scripted traffic, to be looked at. */
export interface Story {
  readonly denied: string;
  readonly asked: string;
  readonly task: string;
  readonly approval: string;
}

/** An ordinary hour of one agent in a minute: work that passes, a theft that does not, and questions to a person. */
export async function playTraffic({ api, folder, actor }: Stage): Promise<Story> {
  const tidy = await actor({
    purpose: 'Summarise this folder into summary.md, beginning with README.md',
    tools: ['files/read_text_file', 'files/list_directory', 'files/write_file'],
  });
  await tidy.call('files/list_directory', { path: folder });
  await tidy.call('files/read_text_file', { path: join(folder, 'README.md') });
  await tidy.call('everything/get-env', {});
  await tidy.call('files/list_directory', { path: join(folder, 'notes') });
  await tidy.call('files/write_file', { path: join(folder, 'summary.md'), content: '# Summary\n\n- All is well.\n' });

  const plan = await actor({
    purpose: 'Remember who works on the harbour project, and file the notes',
    tools: ['memory/read_graph', 'files/*'],
  });
  const entity = (name: string) => ({
    entities: [{ name, entityType: 'person', observations: ['works on the harbour project'] }],
  });
  await plan.call('memory/create_entities', entity('Ines Carvalho'));
  await answerNewest(api, 'approved');
  await plan.call('memory/create_entities', entity('Ines Carvalho'));
  for (let at = 0; at < 40; at++) await plan.call('memory/read_graph', {});
  await plan.call('files/read_text_file', { path: join(folder, 'notes', '..', 'README.md') });
  await plan.call('memory/create_entities', entity('Tomas Lindqvist'));
  const help = await actor({
    agent: 'researcher',
    parent: plan.task,
    purpose: 'Find out when the harbour project is reviewed',
    tools: ['files/read_text_file', 'files/search_files'],
  });
  await help.call('files/search_files', { path: folder, pattern: 'harbour' });
  await help.call('files/read_text_file', { path: join(folder, 'README.md') });
  await help.call('memory/create_entities', entity('Rui Alves'));
  const filed = (name: string) => ({ source: join(folder, name), destination: join(folder, 'notes', name) });
  await plan.call('files/move_file', filed('README.md'));
  await answerNewest(api, 'approved');
  await plan.call('files/move_file', filed('README.md'));
  await plan.call('files/move_file', filed('summary.md'));
  await api.post('modes', { scope: 'server:everything', mode: 'shadow' });
  for (let at = 0; at < 12; at++) await plan.call('everything/echo', { message: `ping ${at}` });
  await plan.call('everything/get-env', {});
  await api.post('modes', { scope: 'server:everything', mode: 'unset' });
  await plan.call('everything/no-such-tool', {}).catch(() => undefined);

  const mail = await actor({ purpose: 'Tell the team what changed in the notes this week' });
  await mail.call('files/read_text_file', { path: join(folder, 'README.md') });
  await mail.call('files/write_file', {
    path: join(folder, 'notes', 'week.md'),
    content: 'Dear team,\n\nthe harbour project moved its review to Thursday.\n',
  });
  for (const each of [tidy, plan, help, mail]) await each.close();

  const { entries } = await api.get<{ entries: { kind: string; id: string; answer?: string; task?: string }[] }>(
    'entries',
    { limit: 500 },
  );
  const find = (answer: string): string =>
    entries.findLast(each => each.kind === 'decided' && each.answer === answer)?.id ?? '';
  const { approvals } = await api.get<{ approvals: ApprovalView[] }>('approvals', {});
  return {
    denied: entries.find(each => each.kind === 'decided' && each.answer === 'deny')?.id ?? '',
    asked: find('ask'),
    task: plan.task,
    approval: approvals[0]?.id ?? '',
  };
}

async function answerNewest(api: Stage['api'], answer: 'approved' | 'refused'): Promise<void> {
  const { approvals } = await api.get<{ approvals: ApprovalView[] }>('approvals', {});
  const newest = approvals.at(-1);
  if (newest !== undefined) await api.post(`approvals/${newest.id}`, { answer });
}
