import type { Sha256 } from '../model/action.ts';
import type { Cost } from '../model/cost.ts';
import type { ServerId } from '../model/ids.ts';
import { type JsonObject, stringMember } from '../model/json.ts';
import { type FieldMarks, type Integrity, type Labelling, type PeopleRules, unlabelled } from '../model/labelling.ts';
import type { Sensitivity } from '../model/sensitivity.ts';
import {
  type ActionClass,
  type Catalogue,
  type CatalogueServer,
  type Tool,
  type ToolStatus,
  toolKey,
} from '../model/tool.ts';
import { classify, withoutSoothing } from '../policy/classify.ts';
import { type Beside, heldBeside } from './beside.ts';
import { pinOf } from './pin.ts';
import type { PinBook } from './pin-text.ts';
import type { PinRecord, ServerPins } from './pins.ts';
import { type ProtocolTool, protocolTools } from './protocol-tools.ts';
import type { ItemKind } from './read.ts';

/** What the operator says about a server, and about single tools of it: it goes before whatever the server says. */
export interface ServerTerms extends PeopleRules {
  readonly id: ServerId;
  readonly segment: string;
  readonly integrity?: Integrity;
  readonly sensitivity?: Sensitivity;
  /** By exact tool name, protocol tools (`mcp:resources/read`) included. */
  readonly tools?: Readonly<Record<string, ToolTerms>>;
}

export interface ToolTerms extends PeopleRules {
  readonly classes?: readonly ActionClass[];
  readonly segment?: string;
  readonly integrity?: Integrity;
  readonly sensitivity?: Sensitivity;
  readonly fields?: readonly FieldMarks[];
  readonly resource?: string;
  readonly stores?: boolean;
  readonly cost?: Cost;
}

/**
 * The catalogue that these pins and terms make: a pure function of both, so that it is the same after a restart and
 * while a server is down. A server without pins has not been reached, and is not in it.
 */
export function buildCatalogue(terms: readonly ServerTerms[], book: PinBook, sha256: Sha256): Catalogue {
  const beside = heldBeside(book);
  const servers = new Map<ServerId, CatalogueServer>();
  for (const server of terms) {
    const pins = book.get(server.id);
    if (pins !== undefined) servers.set(server.id, buildServer(server, pins, beside, sha256));
  }
  const unmet = new Set(terms.map(({ id }) => id).filter(id => !servers.has(id)));
  return unmet.size === 0 ? { servers } : { servers, unmet };
}

function buildServer(terms: ServerTerms, pins: ServerPins, beside: Beside, sha256: Sha256): CatalogueServer {
  const own = [...pins.records.values()].filter(record => record.kind === 'tool' && !record.withdrawn);
  const tools = [
    ...own.flatMap(record => toolOf(terms, record, beside.get(toolKey(terms.id, record.name))) ?? []),
    ...protocolTools(pins.capabilities).map(tool => protocolTool(terms, tool, sha256)),
  ];
  const shown = (kind: ItemKind): JsonObject[] => definitionsOf(pins, kind, key => beside.has(toolKey(terms.id, key)));
  return {
    id: terms.id,
    segment: terms.segment,
    tools: new Map(tools.map(tool => [tool.name, tool])),
    prompts: shown('prompt'),
    resourceTemplates: shown('template'),
    instructions: shown('instructions')
      .map(item => stringMember(item, 'instructions'))
      .at(0),
    capabilities: pins.capabilities,
  };
}

function toolOf(terms: ServerTerms, record: PinRecord, beside: string | undefined): Tool | undefined {
  const held = record.pinned ?? record.candidate;
  if (held === undefined) return undefined;
  const why = record.candidate?.why ?? beside;
  const status: ToolStatus = why === undefined ? { kind: 'pinned' } : { kind: 'quarantined', why };
  return {
    ...placedTool(terms, record.name),
    definition: held.definition,
    pin: held.pin,
    status,
    classes: classesOf(terms, record.name, held.definition),
  };
}

function protocolTool(terms: ServerTerms, { definition, ...own }: ProtocolTool, sha256: Sha256): Tool {
  const name = stringMember(definition, 'name') ?? '';
  const classes = terms.tools?.[name]?.classes ?? own.classes;
  return {
    ...placedTool(terms, name),
    definition,
    pin: pinOf(definition, sha256),
    status: { kind: 'pinned' },
    classes,
  };
}

type Placed = Pick<Tool, 'server' | 'name' | 'segment' | 'trustedResult' | 'labelling' | 'cost'>;

/** Where a tool lies and how what it says is labelled. */
export function placedTool(terms: ServerTerms, name: string): Placed {
  const own = ownTerms(terms, name);
  const labelling = labellingFor(terms, own);
  return {
    server: terms.id,
    name,
    segment: own?.segment ?? terms.segment,
    trustedResult: labelling.integrity === 'first_party',
    labelling,
    ...(own?.cost === undefined ? {} : { cost: own.cost }),
  };
}

/** A tool's own terms before those of its server; what neither says is not known. */
function labellingFor(server: ServerTerms, own: ToolTerms | undefined): Labelling {
  return {
    integrity: own?.integrity ?? server.integrity ?? unlabelled.integrity,
    sensitivity: own?.sensitivity ?? server.sensitivity,
    fields: own?.fields ?? [],
    resource: own?.resource,
    stores: own?.stores ?? true,
    ...(server.tenant === undefined ? {} : { tenant: server.tenant }),
    ...(server.readers === undefined ? {} : { readers: server.readers }),
    ...peopleOf(own ?? {}),
  };
}

/** What these terms say about people, and nothing else of them. */
function peopleOf({ tenant, readers, sender }: PeopleRules): PeopleRules {
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(readers === undefined ? {} : { readers }),
    ...(sender === undefined ? {} : { sender }),
  };
}

function ownTerms(terms: ServerTerms, name: string): ToolTerms | undefined {
  return terms.tools !== undefined && Object.hasOwn(terms.tools, name) ? terms.tools[name] : undefined;
}

function classesOf(terms: ServerTerms, name: string, definition: JsonObject): readonly ActionClass[] {
  return ownTerms(terms, name)?.classes ?? classify(withoutSoothing(definition));
}

/** Prompts, templates and instructions are shown only as they were accepted; a quarantined one is not shown at all. */
function definitionsOf({ records }: ServerPins, kind: ItemKind, isHeld: (key: string) => boolean): JsonObject[] {
  return [...records].flatMap(([key, record]) => {
    const { candidate, pinned, withdrawn } = record;
    const isShown = record.kind === kind && !withdrawn && candidate === undefined && !isHeld(key);
    return isShown && pinned !== undefined ? [pinned.definition] : [];
  });
}
