import { type JsonNode, normalText, parseJson, resultJsonLimits } from '../model/json.ts';
import { maySecret } from './secret-scan.ts';
import { assignment, isDigestName, isSecretName, looksRandom, secretShapes } from './secret-signs.ts';

/** What stands in place of a secret. `rule` names what it was taken for. */
export type Mark = (rule: string, secret: string) => string;

/**
 * The JSON text `json` with everything that looks like a secret replaced by a marker string: whole values under secret
 * names (those of the rule and the `extra` ones that a tool's schema marks), and parts of strings with known shapes.
 * Text in which nothing is found comes back as it is; text that is not JSON is treated as plain words.
 */
export function redactJson(json: string, mark: Mark, extra: ReadonlySet<string> = none): string {
  if (extra.size === 0 && !maySecret(json)) return json;
  const parsed = parseJson(json, resultJsonLimits);
  if (!parsed.ok) return redactText(json, mark);
  const redacted = redactNode(parsed.node, redactSecrets(mark, extra));
  return redacted === parsed.node ? json : normalText(redacted);
}

const none: ReadonlySet<string> = new Set();

/** What is put in place of parts of a document. */
export interface Redactor {
  /** In place of all that stands under a name; undefined leaves it to `text`. */
  readonly whole: (name: string, value: JsonNode) => string | undefined;
  /** A text, or a name of a member, with parts of it replaced. */
  readonly text: (text: string, name?: string) => string;
}

/** Takes out secrets: by their names, and by what they look like. */
export function redactSecrets(mark: Mark, extra: ReadonlySet<string> = none): Redactor {
  return {
    whole: (name, value) =>
      holdsValue(value) && (extra.has(name) || isSecretName(name))
        ? mark(`member ${name.slice(0, 64)}`, normalText(value))
        : undefined,
    text: (text, name) => redactText(text, mark, name),
  };
}

/** The same node if nothing was found in it. */
export function redactNode(node: JsonNode, redactor: Redactor, name?: string): JsonNode {
  const whole = name === undefined ? undefined : redactor.whole(name, node);
  if (whole !== undefined) return { kind: 'string', value: whole };
  switch (node.kind) {
    case 'string': {
      const value = redactor.text(node.value, name);
      return value === node.value ? node : { kind: 'string', value };
    }
    case 'number': {
      const value = redactor.text(node.text, name);
      return value === node.text ? node : { kind: 'string', value };
    }
    case 'array': {
      const items = node.items.map(item => redactNode(item, redactor));
      return items.every((item, at) => item === node.items[at]) ? node : { kind: 'array', items };
    }
    case 'object': {
      const members = new Map<string, JsonNode>();
      let changed = false;
      for (const [member, value] of node.members) {
        const redacted = redactNode(value, redactor, member);
        const shown = redactor.text(member);
        changed ||= redacted !== value || shown !== member;
        members.set(members.has(shown) ? `${shown} (${members.size})` : shown, redacted);
      }
      return changed ? { kind: 'object', members } : node;
    }
    default:
      return node;
  }
}

/** `"token": null` and `"secrets": []` tell nothing. */
function holdsValue(node: JsonNode): boolean {
  switch (node.kind) {
    case 'string':
      return node.value !== '';
    case 'number':
      return true;
    case 'array':
      return node.items.length > 0;
    case 'object':
      return node.members.size > 0;
    default:
      return false;
  }
}

/** Plain words, such as `what` and `why`, with every part that looks like a secret replaced. */
export function redactText(text: string, mark: Mark, name?: string): string {
  if (name !== undefined && looksRandom(text) && !isDigestName(name)) return mark('random value', text);
  if (!maySecret(text)) return text;
  let redacted = text;
  for (const { rule, pattern, group } of secretShapes)
    redacted = redacted.replace(pattern, (...found) => {
      const whole = String(found[0]);
      const secret = group === 0 ? whole : String(found[group]);
      return replaceLast(whole, secret, mark(rule, secret));
    });
  return redactAssignments(redacted, mark, assignmentDepthMax);
}

/** An assignment may stand in the quoted value of another: `note: "TOKEN=…"`. */
const assignmentDepthMax = 4;

function redactAssignments(text: string, mark: Mark, depth: number): string {
  return text.replace(assignment, (whole: string, name: string, quoted?: string, bare?: string) => {
    const value = quoted ?? bare ?? '';
    if (value.startsWith('[redacted')) return whole;
    if (isSecretName(name)) return replaceLast(whole, value, mark(`assignment ${name}`, value));
    if (looksRandom(value) && !isDigestName(name)) return replaceLast(whole, value, mark('random value', value));
    if (quoted === undefined || depth === 0) return whole;
    return replaceLast(whole, value, redactAssignments(value, mark, depth - 1));
  });
}

function replaceLast(whole: string, part: string, marker: string): string {
  const at = whole.lastIndexOf(part);
  return whole.slice(0, at) + marker + whole.slice(at + part.length);
}

/**
 * Names of arguments that a tool's JSON Schema marks as secret: `format: password`, `writeOnly: true` (JSON Schema
 * 2020-12 §9.4) or `x-secret: true`, at any depth.
 */
export function secretMembersOf(schema: JsonNode): ReadonlySet<string> {
  const names = new Set<string>();
  collect(schema, names, 0);
  return names;
}

const schemaDepthMax = 64;

function collect(schema: JsonNode, names: Set<string>, depth: number): void {
  if (depth > schemaDepthMax) return;
  if (schema.kind === 'array') for (const item of schema.items) collect(item, names, depth + 1);
  if (schema.kind !== 'object') return;
  const properties = schema.members.get('properties');
  if (properties?.kind === 'object')
    for (const [name, property] of properties.members) if (marksSecret(property)) names.add(name);
  for (const value of schema.members.values()) collect(value, names, depth + 1);
}

function marksSecret(property: JsonNode): boolean {
  if (property.kind !== 'object') return false;
  const format = property.members.get('format');
  if (format?.kind === 'string' && format.value === 'password') return true;
  return ['writeOnly', 'x-secret'].some(word => {
    const flag = property.members.get(word);
    return flag?.kind === 'boolean' && flag.value;
  });
}
