import { said, type Visit } from './visit.ts';

/** The tools of the handshake era that ask the client while they are at work. */

const text = { type: 'string' };

function options(...names: string[]): { const: string; title: string }[] {
  return names.map((title, at) => ({ const: `value${at + 1}`, title }));
}

const details = { type: 'object', properties: { username: text, email: text }, required: ['username', 'email'] };
const plain = ['option1', 'option2', 'option3'];

const defaults = {
  type: 'object',
  properties: {
    name: { ...text, description: 'Name', default: 'John Doe' },
    age: { type: 'integer', description: 'Age', default: 30 },
    score: { type: 'number', description: 'Score', default: 95.5 },
    status: { ...text, description: 'Status', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', description: 'Verified', default: true },
  },
};

const choices = {
  type: 'object',
  properties: {
    untitledSingle: { ...text, enum: plain },
    titledSingle: { ...text, oneOf: options('First Option', 'Second Option', 'Third Option') },
    legacyEnum: {
      ...text,
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { ...text, enum: plain } },
    titledMulti: { type: 'array', items: { anyOf: options('First Choice', 'Second Choice', 'Third Choice') } },
  },
};

type Asking = (visit: Visit) => Promise<object>;

async function form(visit: Visit, message: string, requestedSchema: object, before: string): Promise<object> {
  const { action, content } = await visit.ask('elicitation/create', { message, requestedSchema });
  return said(`${before}: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

export const asks: Readonly<Record<string, Asking>> = {
  test_sampling: async visit => {
    const content = { type: 'text', text: String(args(visit).prompt) };
    const answer = await visit.ask('sampling/createMessage', { messages: [{ role: 'user', content }], maxTokens: 100 });
    return said(`LLM response: ${JSON.stringify(answer.content)}`);
  },
  test_elicitation: visit => form(visit, String(args(visit).message), details, 'User response'),
  test_elicitation_sep1034_defaults: visit => form(visit, 'Please check', defaults, 'Elicitation completed'),
  test_elicitation_sep1330_enums: visit => form(visit, 'Please choose', choices, 'Elicitation completed'),
  test_elicitation_url: async visit => {
    const page = { mode: 'url', message: 'Please sign in', url: 'https://example.com/sign-in', elicitationId: 'e1' };
    const { action } = await visit.ask('elicitation/create', page);
    return said(`sign-in: ${action}`);
  },
  test_roots: async visit => said(JSON.stringify((await visit.ask('roots/list', {})).roots)),
};

export function args({ params }: Visit): Record<string, unknown> {
  return (params.arguments ?? {}) as Record<string, unknown>;
}
