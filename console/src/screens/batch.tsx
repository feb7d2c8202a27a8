import { laidOut } from '@sallyport/core/model/json-layout.ts';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { useEffect, useState } from 'preact/hooks';
import { post, wordsOf } from '../data/api.ts';
import { readApprovals } from '../data/status.ts';
import { isPending } from '../parts/approval-state.ts';
import { isGrave } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';
import { argumentsOf } from '../parts/value.tsx';

/** Questions of one shape: the same tool, task and rule, with arguments of the same names. */
function sameShape(view: ApprovalView, others: readonly ApprovalView[]): ApprovalView[] {
  const shape = shapeOf(view);
  return others.filter(other => other.id !== view.id && isPending(other) && shapeOf(other) === shape);
}

function shapeOf({ task, tool, reasons, arguments: params }: ApprovalView): string {
  const names = [...(argumentsOf(params)?.keys() ?? ['?'])].sort();
  return JSON.stringify([task, tool, reasons.find(({ effect }) => effect !== 'permit')?.rule, names]);
}

const valueCharsMax = 400;
/** One that comes while somebody reaches for the button is not answered by that click. */
const readMillisMin = 1_000;

/** Several at once, each shown, each for exactly what it shows. Grave ones are answered one by one. */
export function Batch({ view, others }: { view: ApprovalView; others: readonly ApprovalView[] }) {
  const [problem, setProblem] = useState('');
  const same = sameShape(view, others);
  const all = [view, ...same];
  const shown = all.map(({ id }) => id).join();
  const [read, setRead] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setRead(shown), readMillisMin);
    return () => clearTimeout(timer);
  }, [shown]);
  if (same.length === 0 || isGrave(view.classes)) return null;
  const differing = [...(argumentsOf(view.arguments)?.keys() ?? [])].filter(
    name => new Set(all.map(each => textOf(each, name))).size > 1,
  );
  // What is not shown whole is answered by itself, on a card that does.
  if (all.some(each => differing.some(name => textOf(each, name).length > valueCharsMax))) return null;
  const approveAll = async (): Promise<void> => {
    for (const each of all)
      try {
        await post(`approvals/${each.id}`, { answer: 'approved' });
      } catch (thrown) {
        setProblem(wordsOf(thrown));
      }
    await readApprovals();
  };
  return (
    <section class="batch">
      <h3>{same.length} more of the same shape</h3>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              {differing.map(name => (
                <th key={name} scope="col">
                  <Foreign text={name} max={60} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map(each => (
              <tr key={each.id}>
                {differing.map(name => (
                  <td key={name}>
                    <code>
                      <Foreign text={textOf(each, name)} max={valueCharsMax} />
                    </code>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problem !== '' && <p class="problem">{problem}</p>}
      <button type="button" disabled={read !== shown} onClick={() => void approveAll()}>
        Approve these {all.length}, each exactly as shown, each once
      </button>
    </section>
  );
}

function textOf({ arguments: params }: ApprovalView, name: string): string {
  const node = argumentsOf(params)?.get(name);
  return node === undefined ? '' : node.kind === 'string' ? node.value : laidOut(node);
}
