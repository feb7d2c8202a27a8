import { hookTargetsOn } from './hooks/table.ts';
import { type ClientSeen, clientsSeen, type Fault, faultWords } from './seen.ts';
import { type Client, clientsOn, type Machine } from './table.ts';

const linux: Machine = { home: '~', platform: 'linux', env: {}, cwd: '.' };

/** Clients whose entries an MCP client of the official SDK was run through, in tests. */
const throughEntry = ['cursor', 'codex', 'goose', 'opencode', 'kiro'];

/** `docs/how-to/clients.md`: each client out of the very tables that `wrap` works by. */
export function clientsPage(): string {
  const head = `# Client by client

<!-- Written by \`npm run docs\` from the tables in cli/clients; change those. -->

What [\`sallyport wrap\`](wrap-a-client.md) does in each client, and what of it was proven. Paths are those of Linux. \`npm run deep:clients\`
runs real clients, headless and each in a home of its own, with a scripted model that does what an attacker wants: without Sallyport,
observed, enforced, with hooks that fail, and after \`unwrap\`. What it saw:

${seenTable()}

The other clients are **not proven**: their files were written in the shapes that they document. An entry of each form in which they are
written was started by clients of both official SDKs, under the clients named with it below, and hook commands were given the events that
clients document. \`sallyport doctor --canary\` proves yours.
`;
  return `${head}\n${clientsOn(linux).map(section).join('\n')}`;
}

/** Which clients were run, and what became of a call whose hook failed. */
function seenTable(): string {
  const faults = Object.keys(faultWords) as Fault[];
  const rows = clientsSeen.map(seen => [
    `${clientsOn(linux).find(({ id }) => id === seen.id)?.name}, \`${seen.package}\` ${seen.version}`,
    'goes on',
    'not carried out',
    ...faults.map(fault => (seen.faults[fault] === 'refused' ? 'refused' : '**let go**')),
  ]);
  const head = ['client', 'a free call', 'a refused one', ...faults.map(fault => `its hook ${faultWords[fault]}`)];
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

function section(client: Client): string {
  const files = client.files.map(
    ({ path, scope }) => `\`${path.replace(/^\.?\//, '')}\`${scope === 'project' ? ' (with `--project`)' : ''}`,
  );
  const { perFolder } = client;
  const keys = [
    client.keys.map(path => `\`${path.join('.')}\``).join(' or '),
    ...(perFolder === undefined
      ? []
      : [`and for one folder each under \`${perFolder.below}.FOLDER.${perFolder.key}\``]),
  ].join(', ');
  const proven = throughEntry.includes(client.id)
    ? 'the shape of its file, to the byte and back; clients of both official SDK lines through the entry'
    : 'the shape of its file, to the byte and back';
  const lines = [
    `## ${client.name}`,
    '',
    `    sallyport wrap ${client.id}`,
    '',
    `- **MCP servers** under ${keys} in ${files.join(', ')}. Proven: ${proven}.`,
    ...(client.note === undefined ? [] : [`- ${sentence(client.note)}`]),
    ...hookLines(client.id),
    '',
  ];
  return lines.join('\n');
}

function hookLines(id: string): string[] {
  const target = hookTargetsOn(linux).find(({ client, alsoRead }) => client === id || alsoRead === id);
  if (target === undefined)
    return [
      '- **Its own tools** are not asked about: no hooks of it are known here. What it does in its own shell and editor goes round the gateway.',
    ];
  const { path, failing, note } = target;
  const fails =
    failing === 'closed'
      ? 'Where a hook fails the call is refused.'
      : '**Advisory**: where a hook crashes or is late the client may let the call pass; the command itself refuses.';
  return [
    `- **Its own tools** are asked about by hooks in \`${path}\`. ${fails} ${sentence(note)}`,
    `- ${provenLine(id)}`,
  ];
}

function provenLine(id: string): string {
  const seen = clientsSeen.find(each => each.id === id);
  if (seen === undefined)
    return 'Proven: its events through the very command to a gateway that enforces, and the refusal where there is none. Not proven: that this client heeds it.';
  const note = seen.note === undefined ? '' : `, ${seen.note}`;
  const whose = seen.subagents === 'not run' ? '' : ", neither its own nor its subagent's";
  const words = seen.hearsUser ? ", that its user's words open the task and its agent's do not" : '';
  return `Proven with \`${seen.package}\` ${seen.version}: that it asks, that a refused call is not carried out${whose}${words}${note}. ${subagentWords[seen.subagents]}`;
}

const subagentWords: Readonly<Record<ClientSeen['subagents'], string>> = {
  apart: 'Its subagents are an agent of their own.',
  'not told apart': 'Its subagents are not told apart from it: its hook does not say who acts.',
  'not run': 'Not proven: what becomes of its subagents, which it does not start where it is run headless.',
};

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
