import type { StatusView } from '../../api/view/status.ts';

/** Prometheus text format 0.0.4. Counts and states only: no names of agents, tasks or arguments. */
export function metricsText(view: StatusView, rejectedDropped: number): string {
  const rows: readonly [string, string, string, number][] = [
    ['sallyport_ready', 'gauge', 'whether calls are taken', view.state === 'ready' ? 1 : 0],
    ['sallyport_journal_entries', 'counter', 'durable journal entries', view.journal.entries],
    ['sallyport_journal_up', 'gauge', 'whether the journal can be written', view.journal.state === 'ok' ? 1 : 0],
    [
      'sallyport_rejected_dropped',
      'counter',
      'rejections of unproven callers that were counted and not written',
      rejectedDropped,
    ],
    ['sallyport_tasks_open', 'gauge', 'open tasks', view.tasks.open],
    ['sallyport_approvals_pending', 'gauge', 'questions that wait for a person', view.approvals.pending],
    ['sallyport_tools_quarantined', 'gauge', 'tools that wait for an operator', view.quarantined],
    [
      'sallyport_servers_down',
      'gauge',
      'configured servers that cannot be reached',
      view.servers.filter(({ state }) => state === 'down').length,
    ],
    ['sallyport_kills', 'gauge', 'stops in force', view.killed.length],
  ];
  return rows
    .map(([name, type, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`)
    .join('');
}
