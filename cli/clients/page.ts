import { hookTargetsOn } from './hooks/table.ts';
import { type Client, clientsOn, type Machine } from './table.ts';

const linux: Machine = { home: '~', platform: 'linux', env: {}, cwd: '.' };

/** Clients whose entries an MCP client of the official SDK was run through, in tests. */
const throughEntry = ['cursor', 'codex'];

/** `docs/how-to/clients.md`: each client out of the very tables that `wrap` works by. */
export function clientsPage(): string {
  const head = `# Client by client

<!-- Written by \`npm run docs\` from the tables in cli/clients; change those. -->

What [\`sallyport wrap\`](wrap-a-client.md) does in each client, and what of it was proven. Paths are those of Linux. **No client was run
with Sallyport here**: files were written in the shapes that clients document, their entries and hook commands were started the way
they start them. \`sallyport doctor --canary\` proves yours.
`;
  return `${head}\n${clientsOn(linux).map(section).join('\n')}`;
}

function section(client: Client): string {
  const files = client.files.map(
    ({ path, scope }) => `\`${path.replace(/^\.?\//, '')}\`${scope === 'project' ? ' (with `--project`)' : ''}`,
  );
  const keys = client.keys.map(path => `\`${path.join('.')}\``).join(' or ');
  const proven = throughEntry.includes(client.id)
    ? 'the shape of its file, to the byte and back; an SDK client through the entry'
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
  const target = hookTargetsOn(linux).find(({ client }) => client === id);
  if (target === undefined)
    return [
      '- **Its own tools** are not asked about: no hooks of it are known here. What it does in its own shell and editor goes round the gateway.',
    ];
  const { path, failing, note } = target;
  const fails =
    failing === 'closed'
      ? 'Where a hook fails the call is refused.'
      : '**Advisory**: where a hook crashes or is late the client lets the call pass; the command itself refuses.';
  return [
    `- **Its own tools** are asked about by hooks in \`${path}\`. ${fails} ${sentence(note)}`,
    '- Proven: its events through the very command to a gateway that enforces, and the refusal where there is none. Not proven: that this version of the client heeds it.',
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
