import type { ClientShape } from '../event.ts';
import { decisionText, readEvent } from './claude-like.ts';

/**
 * VS Code and Copilot CLI, which read the same folder of hooks and say and take what Claude Code does. VS Code ignores matchers, so
 * every tool comes here.
 */
export const vscode: ClientShape = {
  id: 'vscode',
  name: 'VS Code',
  read: (body, known) =>
    readEvent(
      body,
      known,
      { SessionStart: 'begun', UserPromptSubmit: 'prompt', PreToolUse: 'before', PostToolUse: 'after' },
      '-',
    ),
  answer: advice => decisionText('PreToolUse', advice),
  asks: () => true,
};
