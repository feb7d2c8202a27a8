import type { Sha256 } from '../model/action.ts';
import { type JsonNode, type JsonObject, stringMember } from '../model/json.ts';
import { type Concern, type Examined, examine, examineTool, toolFault } from './definition.ts';
import { nameFault, ownSkeleton, twinsOf } from './name.ts';
import { pinOf } from './pin.ts';
import type { Sign } from './signs.ts';
import { visible } from './text.ts';

/** Everything of a server that is pinned. */
export type ItemKind = 'tool' | 'prompt' | 'template' | 'instructions';

/** One thing that a server says about itself, read and examined. */
export interface Item {
  readonly kind: ItemKind;
  /** Tool or prompt name, URI template, or `instructions`. */
  readonly name: string;
  /** The members that the protocol defines, in the order they came; others are dropped, so that all that is shown is pinned. */
  readonly definition: JsonObject;
  readonly pin: string;
  readonly concerns: readonly Concern[];
  readonly signs: readonly Sign[];
}

/** What cannot be registered at all. `shown` is safe to print. */
export interface RefusedItem {
  readonly kind: ItemKind;
  readonly shown: string;
  readonly why: string;
}

export interface Reading {
  readonly items: readonly Item[];
  readonly refused: readonly RefusedItem[];
}

/** The key under which an item is pinned and journalled: a tool's own name, `prompt:…`, `template:…`, `instructions`. */
export function itemKey(kind: ItemKind, name: string): string {
  if (kind === 'tool') return name;
  return kind === 'instructions' ? 'instructions' : `${kind}:${name}`;
}

const toolMembers = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations', 'icons', '_meta'];
const promptMembers = ['name', 'title', 'description', 'arguments', 'icons', '_meta'];
const templateMembers = ['uriTemplate', 'name', 'title', 'description', 'mimeType', 'annotations', 'icons', '_meta'];

/** Reads the items of `tools/list`. */
export function readTools(list: readonly JsonNode[], sha256: Sha256): Reading {
  const read = readAll(list, 'tool', toolMembers, sha256, definition => {
    const name = stringMember(definition, 'name');
    return name === undefined ? 'it has no name' : (nameFault(name) ?? toolFault(definition));
  });
  return { ...read, items: withTwins(read.items) };
}

/** Reads the items of `prompts/list`. */
export function readPrompts(list: readonly JsonNode[], sha256: Sha256): Reading {
  const read = readAll(list, 'prompt', promptMembers, sha256, definition =>
    nameFault(stringMember(definition, 'name') ?? ''),
  );
  return { ...read, items: withTwins(read.items) };
}

const uriTemplateCharsMax = 1024;

/** Reads the items of `resources/templates/list`. A URI template is never expanded here, so it needs no parser. */
export function readTemplates(list: readonly JsonNode[], sha256: Sha256): Reading {
  return readAll(list, 'template', templateMembers, sha256, definition => {
    const uri = stringMember(definition, 'uriTemplate') ?? '';
    if (uri === '' || uri.length > uriTemplateCharsMax)
      return `its URI template is not 1 to ${uriTemplateCharsMax} characters`;
    return /^[!-~]+$/.test(uri) ? undefined : 'its URI template holds characters that a URI cannot';
  });
}

/** The server's instructions to the model, as an item like any other. */
export function readInstructions(text: string, sha256: Sha256): Item {
  const definition: JsonObject = {
    kind: 'object',
    members: new Map([['instructions', { kind: 'string', value: text }]]),
  };
  return itemOf('instructions', 'instructions', definition, sha256);
}

type Fault = (definition: JsonObject) => string | undefined;

function readAll(
  list: readonly JsonNode[],
  kind: ItemKind,
  known: readonly string[],
  sha256: Sha256,
  fault: Fault,
): Reading {
  const items = new Map<string, Item>();
  const refused: RefusedItem[] = [];
  for (const node of list) {
    const definition = node.kind === 'object' ? only(node, known) : undefined;
    const name = stringMember(definition, kind === 'template' ? 'uriTemplate' : 'name') ?? '';
    const why = definition === undefined ? 'it is not an object' : fault(definition);
    if (definition === undefined || why !== undefined)
      refused.push({ kind, shown: visible(name, 80, 'escape'), why: why ?? 'it is not an object' });
    else if (items.has(name))
      refused.push({ kind, shown: visible(name, 80, 'escape'), why: 'the name stands twice in one list' });
    else items.set(name, itemOf(kind, name, definition, sha256));
  }
  return { items: [...items.values()], refused };
}

function itemOf(kind: ItemKind, name: string, definition: JsonObject, sha256: Sha256): Item {
  const examined: Examined = kind === 'tool' ? examineTool(definition) : examine(definition);
  return { kind, name, definition, pin: pinOf(definition, sha256), ...examined };
}

function only(node: JsonObject, known: readonly string[]): JsonObject {
  return { kind: 'object', members: new Map([...node.members].filter(([name]) => known.includes(name))) };
}

function withTwins(items: readonly Item[]): Item[] {
  const twins = twinsOf(
    items.map(({ name }) => name),
    ownSkeleton,
  );
  return items.map(item => {
    const others = twins.get(item.name);
    if (others === undefined) return item;
    const why = `the name looks like ${others.map(other => `"${other}"`).join(', ')} of the same server`;
    return { ...item, concerns: [...item.concerns, { why, final: false }] };
  });
}
