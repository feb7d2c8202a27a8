/** What a task hangs on outside: when that ends, the task does (and all below it). */
export type EndsWith =
  /** Of whoever opened it, or works on it: while one is held open, it goes on. */
  | { readonly kind: 'connection' }
  /** A Kubernetes job or pod. */
  | { readonly kind: 'job' | 'pod'; readonly namespace: string; readonly name: string }
  /** A run of GitHub Actions. */
  | { readonly kind: 'run'; readonly repository: string; readonly run: string }
  /** A task of the protocol that a server runs, by the id under which its agent knows it. */
  | { readonly kind: 'mcp-task'; readonly handle: string };

/**
 * Where a workload runs, as its platform's proof says: the pod of a projected token (Kubernetes, "Service account token
 * volume projection"), the run of a workflow's token (GitHub Docs, "OpenID Connect reference"). In the text form.
 */
export function runsIn(proof: string, said: ReadonlyMap<string, string>): string | undefined {
  const text =
    proof === 'kubernetes'
      ? `pod:${said.get('namespace')}/${said.get('pod')}`
      : proof === 'github-actions'
        ? `run:${said.get('repository')}/${said.get('run_id')}`
        : '';
  const isWhole = said.has('pod') || said.has('run_id');
  return isWhole && parseEndsWith(text) !== undefined ? text : undefined;
}

/** RFC 1123 names, as Kubernetes takes them. */
const label = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const repository = /^[A-Za-z0-9._-]{1,100}\/[A-Za-z0-9._-]{1,100}$/;

export const endsWithRule =
  'must be connection, job:NAMESPACE/NAME, pod:NAMESPACE/NAME, run:OWNER/REPOSITORY/ID or mcp-task:ID';

/** The text form, as orders and entries hold it. Undefined if it is none. */
export function parseEndsWith(text: string): EndsWith | undefined {
  if (text === 'connection') return { kind: 'connection' };
  const [, kind, rest = ''] = /^(job|pod|run|mcp-task):(.{1,400})$/.exec(text) ?? [];
  const at = rest.lastIndexOf('/');
  const [before, last] = [rest.slice(0, Math.max(0, at)), rest.slice(at + 1)];
  switch (kind) {
    case 'job':
    case 'pod':
      return label.test(before) && label.test(last) ? { kind, namespace: before, name: last } : undefined;
    case 'run': {
      const plain = repository.test(before) && !before.split('/').some(part => part === '.' || part === '..');
      return plain && /^[0-9]{1,20}$/.test(last) ? { kind, repository: before, run: last } : undefined;
    }
    case 'mcp-task':
      return /^[!-~]+$/.test(rest) ? { kind, handle: rest } : undefined;
    default:
      return undefined;
  }
}
