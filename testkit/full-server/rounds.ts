import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { lacking, object, type Params, RpcError, said, type Visit } from './visit.ts';

/** Multi-round-trip requests (MCP 2026-07-28): the tools that ask back instead of answering. */

const name = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const yes = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };

export function elicit(message: string, requestedSchema: object): object {
  return { method: 'elicitation/create', params: { message, requestedSchema } };
}

function sample(question: string, maxTokens: number): object {
  const messages = [{ role: 'user', content: { type: 'text', text: question } }];
  return { method: 'sampling/createMessage', params: { messages, maxTokens } };
}

const roots = { method: 'roots/list', params: {} };

export function inputRequired(inputRequests: object, requestState?: string): object {
  return { resultType: 'input_required', inputRequests, ...(requestState === undefined ? {} : { requestState }) };
}

const key = randomBytes(32);

function mac(text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** A state that nobody else can make. */
function seal(text: string): string {
  return `${Buffer.from(text).toString('base64url')}.${mac(text).toString('base64url')}`;
}

function unseal(state: unknown): string {
  const [body = '', code = ''] = String(state).split('.');
  const text = Buffer.from(body, 'base64url').toString();
  const given = Buffer.from(code, 'base64url');
  if (given.length !== 32 || !timingSafeEqual(given, mac(text))) throw new RpcError(-32602, 'requestState is not ours');
  return text;
}

/** The answer under `key`, if it is one that could answer what was asked. */
export function answered(params: Params, key: string, member: string): Params | undefined {
  const answer = object(object(params.inputResponses)[key]);
  return member in answer ? answer : undefined;
}

type Round = (visit: Visit) => object;

export const rounds: Readonly<Record<string, Round>> = {
  test_missing_capability: ({ capabilities }) => {
    if (!('sampling' in capabilities)) throw lacking({ sampling: {} });
    return said('the client has a model');
  },
  test_streaming_elicitation: ({ params, capabilities }) => {
    if (!('elicitation' in capabilities)) throw lacking({ elicitation: {} });
    const answer = answered(params, 'confirm', 'action');
    return answer === undefined ? inputRequired({ confirm: elicit('Go on?', yes) }) : said(String(answer.action));
  },
  test_input_required_result_elicitation: ({ params }) => {
    const content = object(answered(params, 'user_name', 'action')?.content);
    if (typeof content.name === 'string') return said(`Hello, ${content.name}!`);
    return inputRequired({ user_name: elicit('What is your name?', name) });
  },
  test_input_required_result_sampling: ({ params }) => {
    const answer = answered(params, 'capital_question', 'content');
    if (answer !== undefined) return said(String(object(answer.content).text));
    return inputRequired({ capital_question: sample('What is the capital of France?', 100) });
  },
  test_input_required_result_list_roots: ({ params }) => {
    const answer = answered(params, 'client_roots', 'roots');
    return answer === undefined ? inputRequired({ client_roots: roots }) : said(JSON.stringify(answer.roots));
  },
  test_input_required_result_request_state: ({ params }) => {
    if (params.inputResponses === undefined)
      return inputRequired({ confirm: elicit('Please confirm', yes) }, seal('state'));
    unseal(params.requestState);
    return said('state-ok');
  },
  test_input_required_result_multiple_inputs: ({ params }) => {
    const responses = object(params.inputResponses);
    const asked = { user_name: elicit('What is your name?', name), greeting: sample('Generate a greeting', 50) };
    if (!['user_name', 'greeting', 'client_roots'].every(one => one in responses))
      return inputRequired({ ...asked, client_roots: roots }, seal('three'));
    unseal(params.requestState);
    return said('all three');
  },
  test_input_required_result_multi_round: ({ params }) => {
    const step = params.requestState === undefined ? 'none' : unseal(params.requestState);
    const colour = { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] };
    if (step === 'none') return inputRequired({ step1: elicit('Step 1: What is your name?', name) }, seal('1'));
    if (step === '1')
      return inputRequired({ step2: elicit('Step 2: What is your favorite color?', colour) }, seal('2'));
    return said('two rounds');
  },
  test_input_required_result_tampered_state: ({ params }) => {
    if (params.requestState === undefined)
      return inputRequired({ confirm: elicit('Please confirm', yes) }, seal('guarded'));
    return said(unseal(params.requestState));
  },
  test_input_required_result_capabilities: ({ params, capabilities }) => {
    if (params.inputResponses !== undefined) return said('thank you');
    const all = { a: elicit('What is your name?', name), b: sample('A word?', 10), c: roots };
    const can = { a: 'elicitation', b: 'sampling', c: 'roots' };
    return inputRequired(
      Object.fromEntries(Object.entries(all).filter(([one]) => can[one as 'a' | 'b' | 'c'] in capabilities)),
    );
  },
};
