import type { ClientShape } from '../event.ts';
import { readEvent } from './claude-like.ts';

/**
 * Gemini CLI. `ask` is never answered: it would turn a refusal of the client's own policy into a question. What needs a
 * person is refused, and a person is asked here.
 */
export const gemini: ClientShape = {
  id: 'gemini',
  name: 'Gemini CLI',
  read: (body, known) =>
    readEvent(body, known, {
      SessionStart: 'begun',
      BeforeAgent: 'prompt',
      BeforeTool: 'before',
      AfterTool: 'after',
      SessionEnd: 'ended',
    }),
  answer: advice => {
    if (advice.kind === 'silent') return '{}';
    if (advice.kind === 'allow') return '{"decision":"allow"}';
    return JSON.stringify({ decision: 'deny', reason: advice.text });
  },
  tell: words => JSON.stringify({ systemMessage: words }),
  asks: () => false,
};
