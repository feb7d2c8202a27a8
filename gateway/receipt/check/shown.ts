import { hash } from 'node:crypto';
import { isText, membersOf } from './members.ts';

/**
 * Holds the world that a receipt shows against what its entry commits to (docs/formats/receipt.md). What is not shown stands
 * there as a hash.
 */

export interface ShownPolicy {
  readonly id: string;
  readonly text: string;
}

export interface ShownTool {
  readonly server: string;
  readonly name: string;
  readonly pin: string;
  readonly classes: readonly string[];
  readonly segment: string;
  readonly status: string;
  readonly context: unknown;
}

export interface ShownWorld {
  readonly policies: readonly ShownPolicy[];
  /** Scopes of the policies that are not shown. */
  readonly otherScopes: readonly unknown[];
  readonly tools: readonly ShownTool[];
  readonly policiesInAll: number;
}

const sha = (text: string): string => hash('sha256', text, 'base64url');

/** The world that `root` commits to, or in words what is wrong. */
export function readWorld(policies: unknown, tools: unknown, world: string, root: string): ShownWorld | string {
  if (!Array.isArray(policies) || !Array.isArray(tools)) return 'its policies or tools are missing';
  const lines: string[] = [];
  const shown: ShownWorld & { policies: ShownPolicy[]; otherScopes: unknown[]; tools: ShownTool[] } = {
    ...{ policies: [], otherScopes: [], tools: [], policiesInAll: policies.length },
  };
  for (const policy of policies) {
    const { scope, scopeSalt, text, textSalt, textHash } = membersOf(policy);
    const own = isText(text) && isText(textSalt) ? sha(`sallyport policy text v1\n${textSalt}\n${text}`) : textHash;
    if (!isText(scope) || !isText(scopeSalt) || !isText(own)) return 'a policy in it has an unknown form';
    lines.push(sha(`sallyport policy v1\n${sha(`sallyport policy scope v1\n${scopeSalt}\n${scope}`)}\n${own}`));
    if (isText(text)) shown.policies.push(JSON.parse(text) as ShownPolicy);
    else shown.otherScopes.push(JSON.parse(scope));
  }
  lines.push('');
  for (const tool of tools) {
    const { text, salt } = membersOf(tool);
    if (isText(text) && isText(salt)) shown.tools.push(JSON.parse(text) as ShownTool);
    lines.push(isText(text) && isText(salt) ? sha(`sallyport tool v1\n${salt}\n${text}`) : String(tool));
  }
  return sha(`sallyport evidence v1\n${world}\n${lines.join('\n')}`) === root
    ? shown
    : 'its policies or tools are not those that the record commits to';
}
