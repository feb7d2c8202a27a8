import type { Opaque, RecordType } from '@sallyport/core/policy/fact-type.ts';
import type { ActionSchema } from '@sallyport/core/policy/schema.ts';
import { type Leaf, leavesOf, looksIntoLiteral, mentionsOf } from './mentions.ts';
import { type ParsedPolicy, problemAt } from './parsed.ts';
import { type PolicyProblem, suggestion } from './problem.ts';

/**
 * Refuses a policy that asks about something it can never see. The engine's validator finds `context.input.x` where
 * there is no `x`; it is content with `context.input has x && …`, which is then silently never true (a forbid like that
 * forbids nothing). And what the schema left out as opaque is not absent from the call: it is only out of sight.
 */
export function lintVisible(policy: ParsedPolicy): PolicyProblem[] {
  if (policy.conditions.some(({ body }) => looksIntoLiteral(body)))
    return [problemAt(policy.place, literal, 'use `principal`, `action` or `resource`')];
  const leaves = [...leavesOf(mentionsOf(policy.conditions).context)].filter(({ path }) => path.length > 0);
  return leaves.flatMap(leaf => hidden(policy, leaf) ?? unknown(policy, leaf) ?? []);
}

/** What may be said of a tool all the same. */
const otherwise =
  '`context.does`, `.addresses`, `.paths`, `.leak` and `context.task.costCents` look into all arguments';

const literal = 'it looks into an entity that it names itself; only those of the request are known';

function hidden(policy: ParsedPolicy, leaf: Leaf): PolicyProblem | undefined {
  for (const action of policy.actions) {
    const opaque = hiddenAt(action, leaf);
    if (opaque === undefined) continue;
    const message = `policy cannot see \`${shown(leaf.path)}\` of \`${action.key}\`: ${opaque.why}`;
    const fix = policy.actions.length > 1 ? 'name the tools that it is about, one by one' : otherwise;
    return problemAt(policy.place, message, fix, offsetOf(policy, leaf));
  }
  return undefined;
}

/** The opaque part of the arguments that this place is, lies in, or holds. */
function hiddenAt({ input, opaque }: ActionSchema, { path, whole }: Leaf): Opaque | undefined {
  const [first, ...rest] = path;
  if (first !== 'input') return undefined;
  return opaque.find(part => {
    if (startsWith(rest, part.path)) return true;
    if (whole && startsWith(part.path, rest)) return true;
    const open = part.path.at(-1) === '*' ? part.path.slice(0, -1) : undefined;
    return open !== undefined && rest.length > open.length && startsWith(rest, open) && !isTyped(input, rest);
  });
}

function isTyped(type: RecordType, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  const attribute = type.attributes.get(name);
  if (attribute === undefined) return false;
  return rest.length === 0 || attribute.type.kind !== 'record' || isTyped(attribute.type, rest);
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index]);
}

/** Asked for with `has`, and there for no tool that the policy can apply to. */
function unknown(policy: ParsedPolicy, leaf: Leaf): PolicyProblem | undefined {
  if (!leaf.asked || policy.actions.length === 0) return undefined;
  if (policy.actions.some(({ context }) => isTyped(context, leaf.path))) return undefined;
  const known = new Set(policy.actions.flatMap(({ context }) => namesBeside(context, leaf.path)));
  const message = `no tool that it applies to has \`${shown(leaf.path)}\``;
  return problemAt(policy.place, message, suggestion(leaf.path.at(-1) ?? '', known), offsetOf(policy, leaf));
}

/** The names at the deepest level of `path` that exists. */
function namesBeside(type: RecordType, path: readonly string[]): string[] {
  const [name, ...rest] = path;
  const attribute = rest.length === 0 || name === undefined ? undefined : type.attributes.get(name);
  return attribute?.type.kind === 'record' ? namesBeside(attribute.type, rest) : [...type.attributes.keys()];
}

function shown(path: readonly string[]): string {
  return ['context', ...path]
    .map((step, index) =>
      index === 0 || /^[A-Za-z_]\w*$/.test(step) ? `${index === 0 ? '' : '.'}${step}` : `[${JSON.stringify(step)}]`,
    )
    .join('');
}

function offsetOf({ place }: ParsedPolicy, { path }: Leaf): number {
  return Math.max(0, place.text.indexOf(path.at(-1) ?? '', place.scope.to));
}
