import { isSecretName } from '@sallyport/core/journal/secret-signs.ts';
import { type Checked, passed } from '@sallyport/core/model/refusal.ts';
import type { ChildEnvironment } from '../config.ts';
import type { Issue } from '../http/secrets.ts';
import { searchable } from '../repeats.ts';

/** A child's own variables with their secrets in place. They go into its environment and nowhere else. */
export interface Variables {
  readonly env: Readonly<Record<string, string>>;
  /** What must not come back from it. */
  readonly secrets: readonly Buffer[];
  /** What must not be shown of what it says for people: these, and what the configuration itself gives it under a secret's name. */
  readonly unspoken: readonly Buffer[];
}

export async function readVariables(configured: ChildEnvironment, issue: Issue): Promise<Checked<Variables>> {
  const env: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(configured)) {
    if (typeof value === 'string') {
      env[name] = value;
      continue;
    }
    const issued = await issue(value.credential);
    if (!issued.ok) return issued;
    const { secret } = issued.value;
    secrets.push(secret);
    env[name] = value.scheme === undefined ? secret : `${value.scheme} ${secret}`;
  }
  const named = Object.entries(env).flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
  return passed({ env, secrets: searchable(secrets), unspoken: searchable([...secrets, ...named]) });
}
