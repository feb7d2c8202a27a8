import type { ActionSchema, PolicySchema } from '@sallyport/core/policy/schema.ts';
import type { Finding } from './examine.ts';
import { type Condition, readExpression } from './expression.ts';
import { looksAtApproval, mentionsOf } from './mentions.ts';
import type { LoadedPolicy } from './policy.ts';
import { lineAt, type PolicyText, withoutScope } from './policy-text.ts';
import type { PolicyProblem } from './problem.ts';
import { matches, placedAction, placedTool, readScope, type Scope } from './scope.ts';

/** A policy that the engine could parse, before it is checked for what Sallyport asks beyond that. */
export interface ParsedPolicy {
  readonly place: PolicyText;
  /** From `@id`; empty where there is none. */
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** A name without a value stands as undefined. */
  readonly annotations: ReadonlyMap<string, string | undefined>;
  readonly scope: Scope;
  readonly conditions: readonly Condition[];
  /** The tools whose calls its scope can match, for some agent. */
  readonly actions: readonly ActionSchema[];
}

/** Undefined if the engine could not parse it. Its forms are known: `examine` has refused what is not. */
export function readPolicy(place: PolicyText, { json }: Finding, schema: PolicySchema): ParsedPolicy | undefined {
  if (json === undefined) return undefined;
  const scope = readScope(json);
  const annotations = new Map(
    Object.entries(json.annotations ?? {}).map(([name, value]) => [name, value ?? undefined]),
  );
  return {
    place,
    id: annotations.get('id') ?? '',
    effect: json.effect,
    annotations,
    scope,
    conditions: json.conditions.map(({ kind, body }) => ({ kind, body: readExpression(body) })),
    actions: [...schema.actions.values()].filter(
      ({ tool }) => matches(scope.action, placedAction(tool)) && matches(scope.resource, placedTool(tool)),
    ),
  };
}

/** Whether it looks at the approval at all. */
export function asks({ conditions }: Pick<ParsedPolicy, 'conditions'>): boolean {
  return looksAtApproval(mentionsOf(conditions));
}

export function loadedPolicy(policy: ParsedPolicy): LoadedPolicy {
  const annotations = [...policy.annotations].flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    info: {
      id: policy.id,
      effect: policy.effect,
      file: policy.place.file,
      line: policy.place.line,
      asks: asks(policy),
      annotations: Object.fromEntries(annotations),
    },
    scope: policy.scope,
    conditions: policy.conditions,
    text: policy.place.text,
    unscoped: withoutScope(policy.place),
  };
}

export function problemAt(place: PolicyText, message: string, fix?: string, offset = 0): PolicyProblem {
  const line = place.line + lineAt(place.text, offset) - 1;
  return { file: place.file, line, message, ...(fix === undefined ? {} : { fix }) };
}
