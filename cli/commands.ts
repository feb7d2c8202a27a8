import type { Command } from './command.ts';

/**
 * Every command there is by its first word, in the order in which help shows them within their group. A command's file is
 * loaded only when it is called or help is asked for: starting is most of what a short command does.
 */
const byFirstWord: Readonly<Record<string, () => Promise<readonly Command[]>>> = {
  up: async () => [(await import('./commands/up.ts')).up],
  down: async () => [(await import('./commands/down.ts')).down],
  backup: async () => [(await import('./commands/backup.ts')).backup],
  status: async () => [(await import('./commands/status.ts')).status],
  console: async () => [(await import('./commands/console.ts')).consoleCommand],
  login: async () => [(await import('./commands/login.ts')).login],
  whoami: async () => [(await import('./commands/whoami.ts')).whoami],
  doctor: async () => [(await import('./commands/doctor.ts')).doctor],
  completion: async () => [(await import('./commands/completion.ts')).completionOf(allCommands)],
  demo: async () => [(await import('./commands/demo.ts')).demo],
  tail: async () => [(await import('./commands/tail.ts')).tail],
  top: async () => [(await import('./commands/top.ts')).top],
  report: async () => [(await import('./commands/report.ts')).report],
  why: async () => [(await import('./commands/why.ts')).why],
  tasks: async () => [(await import('./commands/tasks.ts')).tasks],
  task: async () => [
    (await import('./commands/task.ts')).task,
    (await import('./commands/task-open.ts')).taskOpen,
    (await import('./commands/task-renew.ts')).taskRenew,
    (await import('./commands/task-hold.ts')).taskHold,
    (await import('./commands/task-declassify.ts')).taskDeclassify,
    (await import('./commands/task-narrow.ts')).taskNarrow,
    (await import('./commands/task-suspend.ts')).taskSuspend,
    (await import('./commands/task-suspend.ts')).taskResume,
    (await import('./commands/task-end.ts')).taskEnd,
  ],
  kinds: async () => [(await import('./commands/kinds.ts')).kinds],
  findings: async () => [(await import('./commands/findings.ts')).findings],
  can: async () => [(await import('./commands/can.ts')).can],
  approvals: async () => [(await import('./commands/approvals.ts')).approvals],
  approve: async () => [(await import('./commands/approve.ts')).approve],
  refuse: async () => [(await import('./commands/approve.ts')).refuse],
  kill: async () => [(await import('./commands/kill.ts')).kill],
  unkill: async () => [(await import('./commands/kill.ts')).unkill],
  try: async () => [(await import('./commands/try.ts')).attempt],
  mode: async () => [(await import('./commands/mode.ts')).mode],
  policy: async () => [
    (await import('./commands/policy-check.ts')).policyCheck,
    (await import('./commands/policy-fmt.ts')).policyFmt,
    (await import('./commands/policy-activate.ts')).policyActivate,
  ],
  export: async () => [(await import('./commands/export.ts')).exportCommand],
  replay: async () => [(await import('./commands/replay.ts')).replayCommand],
  tools: async () => {
    const { toolsAccept, toolsDiff, toolsLs } = await import('./commands/tools.ts');
    return [toolsLs, toolsDiff, toolsAccept];
  },
  agents: async () => {
    const { agentsLs, agentsRevoke, agentsToken } = await import('./commands/agents.ts');
    return [agentsLs, agentsToken, agentsRevoke];
  },
  secrets: async () => [(await import('./commands/secrets-import.ts')).secretsImport],
  credentials: async () => {
    const { credentials, credentialsAuthorize } = await import('./commands/credentials.ts');
    return [credentials, credentialsAuthorize];
  },
  journal: async () => [(await import('./commands/journal-erase.ts')).journalErase],
  audit: async () => {
    const { auditDisclose, auditReceipt } = await import('./commands/audit-receipt.ts');
    const { auditVerify } = await import('./commands/audit-verify.ts');
    return [auditVerify, auditReceipt, auditDisclose, (await import('./commands/audit-check.ts')).auditCheck];
  },
  wrap: async () => [(await import('./commands/wrap.ts')).wrap],
  unwrap: async () => [(await import('./commands/unwrap.ts')).unwrap],
  hook: async () => [(await import('./commands/hook.ts')).hook],
  mcp: async () => [(await import('./commands/mcp.ts')).mcp],
};

export const firstWords: readonly string[] = Object.keys(byFirstWord);

/** The commands that a command line may mean: those of its first word, or all where that is none. */
export async function commandsFor(argv: readonly string[]): Promise<readonly Command[]> {
  const words = argv.filter((word, index) => !word.startsWith('-') && argv[index - 1] !== '--state');
  const load = Object.hasOwn(byFirstWord, words[0] ?? '') ? byFirstWord[words[0] ?? ''] : undefined;
  return load === undefined ? await allCommands() : await load();
}

export async function allCommands(): Promise<readonly Command[]> {
  const lists = await Promise.all(Object.values(byFirstWord).map(load => load()));
  return lists.flat();
}
