import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import { agentOf, type ToolSpec, toolOf } from './scene.ts';

/** Who and what the random policies and requests are about. */

/** An argument of a tool, in the model's own words. */
export interface Field {
  readonly name: string;
  readonly type: 'text' | 'whole' | 'fraction' | 'truth' | 'texts' | 'record';
  readonly required: boolean;
}

export interface CastTool {
  readonly tool: Tool;
  readonly fields: readonly Field[];
}

const schemaFor: Readonly<Record<Field['type'], object>> = {
  text: { type: 'string' },
  whole: { type: 'integer' },
  fraction: { type: 'number' },
  truth: { type: 'boolean' },
  texts: { type: 'array', items: { type: 'string' } },
  record: {
    type: 'object',
    properties: { depth: { type: 'integer' }, mode: { type: ['string', 'null'] } },
    required: ['depth'],
  },
};

const field = (name: string, type: Field['type'], required = true): Field => ({ name, type, required });

/** The same name has different types in different tools, and is missing in others. */
const specs: readonly (Omit<ToolSpec, 'schema'> & { readonly fields: readonly Field[] })[] = [
  { server: 'files', name: 'read', classes: ['read'], fields: [field('path', 'text')] },
  {
    server: 'files',
    name: 'write',
    classes: ['write'],
    fields: [field('path', 'text'), field('size', 'whole', false)],
  },
  { server: 'files', name: 'remove-all', classes: ['write', 'destructive'], fields: [field('path', 'texts')] },
  {
    server: 'bank',
    name: 'pay',
    classes: ['money'],
    segment: 'finance',
    fields: [field('amount', 'fraction'), field('to', 'text')],
  },
  { server: 'bank', name: 'balance', classes: ['read'], segment: 'finance', fields: [] },
  {
    server: 'mail',
    name: 'send',
    classes: ['message', 'egress'],
    fields: [field('to', 'texts'), field('draft', 'truth', false)],
  },
  {
    server: 'web',
    name: 'fetch.page',
    classes: ['read', 'egress'],
    fields: [field('path', 'text', false), field('options', 'record', false)],
  },
  {
    server: 'shell',
    name: '1/in',
    classes: ['code'],
    fields: [field('size', 'whole'), field('my-key $', 'text', false)],
  },
];

export const castTools: readonly CastTool[] = specs.map(({ fields, ...spec }) => ({
  tool: toolOf({ ...spec, schema: schemaOf(fields) }),
  fields,
}));

export const castAgents: readonly Agent[] = [
  agentOf({ id: 'a1', classes: ['support'], team: 'north', owner: 'user:emma', trust: 1 }),
  agentOf({ id: 'a2', classes: ['support', 'coder'], shared: true }),
  agentOf({ id: 'a3', classes: [], team: 'south', vendor: true, proof: 'local-entry', trust: 3 }),
  agentOf({ id: 'a4', classes: ['coder'], owner: 'user:noor', trust: 0 }),
];

function schemaOf(fields: readonly Field[]): object {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, type }) => [name, schemaFor[type]])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
  };
}
