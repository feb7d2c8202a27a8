import type { ClientShape } from '../event.ts';
import { decisionText, readEvent } from './claude-like.ts';

const events = {
  SessionStart: 'begun',
  sessionStart: 'begun',
  UserPromptSubmit: 'prompt',
  userPromptSubmitted: 'prompt',
  PreToolUse: 'before',
  preToolUse: 'before',
  PostToolUse: 'after',
  postToolUse: 'after',
  PostToolUseFailure: 'after',
  postToolUseFailure: 'after',
  sessionEnd: 'ended',
} as const;

/** VS Code: Claude Code's answers, in preview. Matchers are ignored by the client, so every tool comes here. */
export const vscode: ClientShape = {
  id: 'vscode',
  name: 'VS Code',
  read: (body, root) => readEvent(body, root, events),
  answer: advice => decisionText('PreToolUse', advice),
  asks: () => true,
};

/** Copilot CLI: the same decisions, without the wrapping. */
export const copilotCli: ClientShape = {
  id: 'copilot-cli',
  name: 'Copilot CLI',
  read: (body, root) => readEvent(body, root, events),
  answer: advice => {
    if (advice.kind === 'silent') return '{}';
    const reason = advice.kind === 'allow' ? 'permitted by policy' : advice.text;
    return JSON.stringify({ permissionDecision: advice.kind, permissionDecisionReason: reason });
  },
  asks: () => true,
};
