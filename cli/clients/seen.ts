/** What becomes of a call whose hook fails in one way. */
export type Fate = 'refused' | 'let go';

/** What a real client did, out of `npm run deep:clients`, which fails where it sees anything else. */
export interface ClientSeen {
  /** As `wrap` calls it. */
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly faults: Readonly<Record<Fault, Fate>>;
  /** An agent of their own here, where its hook says that one acts; otherwise the same as their client. */
  readonly subagents: 'apart' | 'not told apart' | 'not run';
  /** Whether its user's words open the task. */
  readonly hearsUser: boolean;
  /** What else has to be known of it. */
  readonly note?: string;
}

/** The hook's program is not there any more; ends with 1; prints what is no answer; takes longer than it may. */
export type Fault = 'gone' | 'crashes' | 'garbage' | 'late';

export const faultWords: Readonly<Record<Fault, string>> = {
  gone: 'is gone',
  crashes: 'crashes',
  garbage: 'prints what is no answer',
  late: 'is late',
};

export const clientsSeen: readonly ClientSeen[] = [
  {
    ...{ id: 'claude-code', package: '@anthropic-ai/claude-code', version: '2.1.330' },
    faults: { gone: 'refused', crashes: 'refused', garbage: 'let go', late: 'refused' },
    ...{ subagents: 'apart', hearsUser: true },
    note: 'also where it skips its own questions (`--dangerously-skip-permissions`); there it does not heed every question of a hook, so a question is a refusal',
  },
  {
    ...{ id: 'copilot-cli', package: '@github/copilot', version: '1.0.102' },
    faults: { gone: 'refused', crashes: 'refused', garbage: 'let go', late: 'let go' },
    ...{ subagents: 'apart', hearsUser: true },
    note: 'also where it skips its own questions (`--allow-all-tools`)',
  },
  {
    ...{ id: 'codex', package: '@openai/codex', version: '0.169.0' },
    faults: { gone: 'refused', crashes: 'let go', garbage: 'let go', late: 'let go' },
    ...{ subagents: 'apart', hearsUser: true },
    note: 'only once its user has trusted the hooks there; until then it runs none of them, and `sallyport doctor` says so',
  },
  {
    ...{ id: 'gemini', package: '@google/gemini-cli', version: '0.61.0' },
    faults: { gone: 'refused', crashes: 'let go', garbage: 'let go', late: 'let go' },
    ...{ subagents: 'not told apart', hearsUser: true },
    note: 'also where it skips its own questions (`--yolo`)',
  },
  {
    ...{ id: 'opencode', package: 'opencode-ai', version: '1.18.33' },
    faults: { gone: 'refused', crashes: 'refused', garbage: 'refused', late: 'refused' },
    ...{ subagents: 'apart', hearsUser: true },
  },
  {
    ...{ id: 'openclaw', package: 'openclaw', version: '2026.9.6' },
    faults: { gone: 'refused', crashes: 'refused', garbage: 'refused', late: 'refused' },
    ...{ subagents: 'not run', hearsUser: false },
    note: 'in `openclaw agent --local`',
  },
];
