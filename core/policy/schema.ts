import { actionClasses, type Catalogue, type Tool, toolKey } from '../model/tool.ts';
import { contentTypes } from './content-type.ts';
import {
  type Attribute,
  bool,
  datetime,
  type FactType,
  long,
  type Opaque,
  type RecordType,
  record,
  setOf,
  string,
} from './fact-type.ts';
import { inputType } from './input-type.ts';

/**
 * Everything that a policy may name: a fixed part, and one action per pinned tool with its arguments typed.
 * Pure, and the same for the same catalogue.
 */
export interface PolicySchema {
  /** By Cedar action id, `"<server>/<exact tool name>"`. */
  readonly actions: ReadonlyMap<string, ActionSchema>;
  /** The same in Cedar's own JSON schema format, for its validator. */
  readonly cedar: CedarSchema;
}

export interface ActionSchema {
  readonly key: string;
  readonly tool: Tool;
  readonly context: RecordType;
  readonly input: RecordType;
  readonly opaque: readonly Opaque[];
}

/** `principal`, an `Agent`. */
export const agentAttributes = record({
  owner: { type: string, required: false },
  proof: string,
  trust: long,
  shared: bool,
  vendor: bool,
});

/** `resource`, a `Tool`. */
const toolAttributes = record({ pinned: bool });

/** `context.flow`, the same for every action but for `arg`, which has the names of the tool's own arguments. */
function flowType(input: RecordType): RecordType {
  const names = [...input.attributes.keys()];
  return record({
    labels: setOf(string),
    untrusted: bool,
    integrity: long,
    sensitivity: long,
    sensitivityKnown: bool,
    yields: long,
    cost: setOf(string),
    leaving: long,
    tenants: setOf(string),
    mixesTenants: bool,
    outsiders: long,
    worstOrigin: long,
    sinkOrigins: setOf(string),
    destinations: long,
    objects: long,
    amounts: long,
    commands: long,
    contents: long,
    destinationIsNew: bool,
    told: bool,
    secret: bool,
    handles: setOf(string),
    elsewhere: bool,
    strayed: bool,
    arg: record(Object.fromEntries(names.map(name => [name, { type: string, required: false }]))),
  });
}

const fixedContext = {
  task: record({
    kind: string,
    openerProof: string,
    hasManifest: bool,
    inManifest: bool,
    hasPurpose: bool,
    asked: bool,
    related: bool,
    delegated: bool,
    depth: long,
    ceiling: long,
    segments: setOf(string),
    crossesSegment: bool,
    principal: string,
    ageSeconds: long,
    calls: long,
    spendCents: long,
    costCents: long,
  }),
  ...contentTypes,
  approved: bool,
  env: record({ now: datetime, local: datetime, weekday: string }),
  risk: record({ score: long, signals: setOf(string) }),
};

export function policySchema(catalogue: Catalogue): PolicySchema {
  const actions = new Map<string, ActionSchema>();
  for (const server of catalogue.servers.values())
    for (const tool of server.tools.values()) {
      const action = actionSchema(tool);
      actions.set(action.key, action);
    }
  return { actions, cedar: cedarSchema(actions.values()) };
}

function actionSchema(tool: Tool): ActionSchema {
  const { type, opaque } = inputType(tool.definition);
  return {
    key: toolKey(tool.server, tool.name),
    tool,
    context: record({ input: type, flow: flowType(type), ...fixedContext }),
    input: type,
    opaque,
  };
}

/** Cedar's JSON schema format (docs.cedarpolicy.com, "JSON schema format"), everything in the empty namespace. */
export interface CedarSchema {
  readonly '': {
    readonly commonTypes: Readonly<Record<string, CedarType>>;
    readonly entityTypes: Readonly<Record<string, CedarEntityType>>;
    readonly actions: Readonly<Record<string, CedarAction>>;
  };
}

interface CedarEntityType {
  readonly memberOfTypes?: readonly string[];
  readonly shape?: CedarType;
}

interface CedarAction {
  readonly memberOf?: readonly { readonly id: string }[];
  readonly appliesTo?: {
    readonly principalTypes: readonly string[];
    readonly resourceTypes: readonly string[];
    readonly context: CedarType;
  };
}

export type CedarType =
  | { readonly type: 'String' | 'Long' | 'Boolean' }
  /** One of `commonTypes`. */
  | { readonly type: 'EntityOrCommon'; readonly name: string }
  | { readonly type: 'Extension'; readonly name: string }
  | { readonly type: 'Set'; readonly element: CedarType }
  | { readonly type: 'Record'; readonly attributes: Readonly<Record<string, CedarType & { required: boolean }>> };

/** What every action is told stands there once: with it in each action, the validator would read most of a megabyte for a hundred tools. */
const common = new Map(
  Object.entries(fixedContext).flatMap(([name, type]): [FactType, string][] =>
    type.kind === 'record' ? [[type, name]] : [],
  ),
);

function cedarSchema(actions: Iterable<ActionSchema>): CedarSchema {
  const groups = actionClasses.map((name): [string, CedarAction] => [name, {}]);
  const tools = [...actions].map(({ key, tool, context }): [string, CedarAction] => [
    key,
    {
      memberOf: tool.classes.map(id => ({ id })),
      appliesTo: { principalTypes: ['Agent'], resourceTypes: ['Tool'], context: cedarType(context, common) },
    },
  ]);
  return {
    '': {
      commonTypes: Object.fromEntries([...common].map(([type, name]) => [name, cedarType(type)])),
      entityTypes: {
        AgentClass: {},
        Team: {},
        Agent: { memberOfTypes: ['AgentClass', 'Team'], shape: cedarType(agentAttributes) },
        Server: {},
        Segment: {},
        Tool: { memberOfTypes: ['Server', 'Segment'], shape: cedarType(toolAttributes) },
      },
      actions: Object.fromEntries([...groups, ...tools]),
    },
  };
}

/** In Cedar's JSON schema format, with those that `named` has a name for by that name. */
export function cedarType(type: FactType, named: ReadonlyMap<FactType, string> = new Map()): CedarType {
  switch (type.kind) {
    case 'string':
      return { type: 'String' };
    case 'long':
      return { type: 'Long' };
    case 'bool':
      return { type: 'Boolean' };
    case 'decimal':
    case 'datetime':
      return { type: 'Extension', name: type.kind };
    case 'set':
      return { type: 'Set', element: cedarType(type.element, named) };
    case 'record':
      return { type: 'Record', attributes: Object.fromEntries([...type.attributes].map(attribute)) };
  }

  function attribute([name, { type: own, required }]: readonly [string, Attribute]): [
    string,
    CedarType & { required: boolean },
  ] {
    const called = named.get(own);
    const written: CedarType = called === undefined ? cedarType(own, named) : { type: 'EntityOrCommon', name: called };
    return [name, { ...written, required }];
  }
}
