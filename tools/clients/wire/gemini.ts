import { type Asked, type Json, type Say, textIn, type Wire } from './wire.ts';

/** Google's Gemini API (`POST /v1beta/models/M:streamGenerateContent`). */
export const gemini: Wire = {
  path: /:(?:streamG|g)enerateContent(?:\?|$)/,
  read,
  events: say => [{ data: answer(say) }],
  whole: answer,
};

function read(body: Json): Asked {
  const parts = (body.contents as Json[]).flatMap(({ parts: all }) => all);
  return {
    words: [body.systemInstruction, ...parts.filter(({ text }) => text !== undefined)].map(textIn).join('\n'),
    tools: (body.tools ?? []).flatMap(({ functionDeclarations = [] }: Json) =>
      functionDeclarations.map(({ name }: Json) => name),
    ),
    results: parts
      .filter(({ functionResponse }) => functionResponse !== undefined)
      .map(({ functionResponse }) => JSON.stringify(functionResponse.response)),
  };
}

function answer(say: Say): object {
  const part =
    say.kind === 'text' ? { text: say.text } : { functionCall: { id: say.id, name: say.name, args: say.input } };
  return {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    modelVersion: 'scripted',
  };
}
