import type { ReplayLineFault } from './recorded-lines.ts';
import type { ReplayedTrajectory, ReplayLine } from './replay.ts';

/** One line of output as JSON text, in the shape that docs/reference/replay.md states. A fault on its own is `{"file","line","field","error"}`. */
export function replayJson(line: ReplayLine): string {
  if (line.kind === 'fault') return JSON.stringify(faultJson(line));
  const { id, calls, summary, fault } = line;
  return JSON.stringify({
    id,
    calls: calls.map(({ index, decision, verdict, reasons, origins }) => ({
      index,
      decision,
      verdict,
      reasons,
      origins: Object.fromEntries(origins),
    })),
    summary,
    ...(fault === undefined ? {} : { error: faultJson(fault) }),
  });
}

function faultJson({ file, line, field, why }: ReplayLineFault) {
  return { file, line, field, error: why };
}

/** The same for people: the run, and every call that would not simply have passed. */
export function replayText(line: ReplayLine): string {
  if (line.kind === 'fault') return faultText(line);
  const { id, calls, summary, fault } = line;
  const stopped = calls.filter(({ decision, verdict }) => decision !== 'permit' || verdict !== 'permit');
  return [
    `${printable(id)}: ${summary.permit} permitted, ${summary.ask} asked, ${summary.deny} denied`,
    ...(fault === undefined ? [] : [`  ${faultText(fault)}`]),
    ...stopped.map(callText),
  ].join('\n');
}

/** `FILE:LINE: FIELD: what is wrong` */
function faultText({ file, line, field, why }: ReplayLineFault): string {
  return `${file}:${line}: ${field === '' ? '' : `${field}: `}${why}`;
}

function callText({ index, tool, decision, verdict, reasons }: ReplayedTrajectory['calls'][number]): string {
  const done = decision === 'ask' && verdict === 'permit' ? ', approved' : '';
  return `  #${index} ${printable(tool)} ${decision}${done}: ${reasons.map(printable).join('; ')}`;
}

/** Recordings hold whatever an agent or an attacker wrote: nothing of it may move the cursor. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').slice(0, 500);
}

/** 1 if any line could not be used, else 0 (docs/reference/cli.md): what was denied or asked is data, not a failure. */
export function exitStatusOf(line: ReplayLine): 0 | 1 {
  return line.kind === 'fault' || line.fault !== undefined ? 1 : 0;
}
