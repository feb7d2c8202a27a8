import { type Asked, type Json, type Say, textIn, type Wire } from './wire.ts';

/** Anthropic's Messages API (`POST /v1/messages`, streaming). */
export const anthropic: Wire = { path: /\/v1\/messages(?:\?|$)/, read, events };

function read(body: Json): Asked {
  const parts = (body.messages as Json[]).flatMap(({ content }) =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  );
  return {
    words: [body.system, ...parts.filter(({ type }) => type === 'text')].map(textIn).join('\n'),
    tools: (body.tools ?? []).map(({ name }: Json) => name),
    results: parts.filter(({ type }) => type === 'tool_result').map(textIn),
  };
}

function events(say: Say): ReturnType<Wire['events']> {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'scripted', content: [], usage };
  const [block, delta, stop] =
    say.kind === 'text'
      ? [{ type: 'text', text: '' }, { type: 'text_delta', text: say.text }, 'end_turn']
      : [
          { type: 'tool_use', id: say.id, name: say.name, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(say.input) },
          'tool_use',
        ];
  const all: Json[] = [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null } },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
  return all.map(data => ({ event: data.type, data }));
}
