import { type Json, type Say, textIn, type Wire } from './wire.ts';

/** OpenAI's Responses API (`POST /v1/responses`, streaming). */
export const responses: Wire = {
  path: /\/responses(?:\?|$)/,
  read: body => {
    const items: Json[] = Array.isArray(body.input) ? body.input : [{ type: 'message', content: body.input }];
    return {
      words: [body.instructions, ...items.filter(({ type }) => type === undefined || type === 'message')]
        .map(textIn)
        .join('\n'),
      tools: (body.tools ?? []).flatMap(toolNames),
      results: items.filter(({ type }) => /_output$/.test(type)).map(textIn),
    };
  },
  events: say => {
    const item =
      say.kind === 'text'
        ? { type: 'message', id: 'm_1', role: 'assistant', content: [{ type: 'output_text', text: say.text }] }
        : {
            type: 'function_call',
            id: `f_${say.id}`,
            call_id: say.id,
            ...placed(say.name),
            arguments: JSON.stringify(say.input),
          };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const all: Json[] = [
      { type: 'response.created', response: { id: 'r_1', status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id: 'r_1', status: 'completed', output: [item], usage } },
    ];
    return all.map((data, index) => ({ event: data.type, data: { sequence_number: index, ...data } }));
  },
};

/** Tools of a namespace are called by both names. */
function toolNames(tool: Json): string[] {
  if (tool.type === 'namespace') return (tool.tools ?? []).map(({ name }: Json) => `${tool.name}/${name}`);
  return [tool.name ?? tool.type];
}

function placed(name: string): object {
  const [space, own] = name.split('/', 2);
  return own === undefined ? { name } : { namespace: space, name: own };
}

/** OpenAI's Chat Completions API (`POST /v1/chat/completions`, streaming). */
export const chat: Wire = {
  path: /\/chat\/completions(?:\?|$)/,
  read: body => ({
    words: (body.messages as Json[])
      .filter(({ role }) => role !== 'tool' && role !== 'assistant')
      .map(textIn)
      .join('\n'),
    tools: (body.tools ?? []).map(({ function: { name } }: Json) => name),
    results: (body.messages as Json[]).filter(({ role }) => role === 'tool').map(textIn),
  }),
  events: say => [
    ...chatDeltas(say).map(choice => ({ data: chunk([choice]) })),
    { data: { ...chunk([]), usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } } },
    { data: '[DONE]' as const },
  ],
  whole: say => ({
    ...{ id: 'c_1', object: 'chat.completion', created: 1, model: 'scripted' },
    choices: [
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: say.kind === 'text' ? say.text : '' } },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }),
};

function chunk(choices: readonly object[]): object {
  return { id: 'c_1', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices };
}

function chatDeltas(say: Say): object[] {
  if (say.kind === 'text')
    return [
      { index: 0, delta: { role: 'assistant', content: say.text } },
      { index: 0, delta: {}, finish_reason: 'stop' },
    ];
  const called = { name: say.name, arguments: JSON.stringify(say.input) };
  return [
    {
      index: 0,
      delta: { role: 'assistant', tool_calls: [{ index: 0, id: say.id, type: 'function', function: called }] },
    },
    { index: 0, delta: {}, finish_reason: 'tool_calls' },
  ];
}
