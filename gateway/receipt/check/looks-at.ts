import { membersOf } from './members.ts';

/**
 * What a policy can look at, from the JSON form that Cedar itself gives of it. Whatever is not a plain chain of names from
 * a variable counts as looking at everything: too much is asked for then, and never too little.
 */

export interface Look {
  /** Below `context`; `[]` is the whole context. `principal` stands for the agent with whatever is below. */
  readonly path: readonly string[];
  /** Only whether it is there is asked (`has`), not what it holds. */
  readonly isPresence: boolean;
}

export function looksOf(conditions: unknown): readonly Look[] {
  const looks: Look[] = [];
  walk(conditions, looks);
  return looks;
}

function walk(node: unknown, looks: Look[]): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const part of node) walk(part, looks);
    return;
  }
  for (const [name, body] of Object.entries(membersOf(node))) {
    const chain = chainOf({ [name]: body });
    if (chain !== undefined) look(chain, name === 'has', looks);
    // A literal holds no expression; of a record only the values do.
    else if (name === 'Record') walk(Object.values(membersOf(body)), looks);
    else if (name !== 'Value') walk(body, looks);
  }
}

function look([variable, ...path]: readonly string[], isPresence: boolean, looks: Look[]): void {
  if (variable === 'context') looks.push({ path, isPresence });
  if (variable === 'principal') looks.push({ path: ['principal'], isPresence: false });
}

/** `["context", "input", "path"]` for `context.input.path` and for `context.input has path`. */
function chainOf(node: unknown): string[] | undefined {
  const [[name, body] = ['', undefined], ...more] = Object.entries(membersOf(node));
  if (more.length > 0) return undefined;
  if (name === 'Var') return typeof body === 'string' ? [body] : undefined;
  if (name !== '.' && name !== 'has') return undefined;
  const { left, attr } = membersOf(body);
  const before = chainOf(left);
  if (before === undefined) return undefined;
  return [...before, ...(Array.isArray(attr) ? attr.map(String) : [String(attr)])];
}
