import type { ClientShape } from '../event.ts';
import { decisionText, readEvent } from './claude-like.ts';

/** Codex: it takes a `deny` with a reason, or nothing; `ask` and `allow` are invalid output, and invalid output lets the call pass. */
export const codex: ClientShape = {
  id: 'codex',
  name: 'Codex',
  read: (body, known) =>
    readEvent(body, known, {
      SessionStart: 'begun',
      UserPromptSubmit: 'prompt',
      PreToolUse: 'before',
      PostToolUse: 'after',
    }),
  answer: advice => (advice.kind === 'deny' ? decisionText('PreToolUse', advice) : '{}'),
  asks: () => false,
};
