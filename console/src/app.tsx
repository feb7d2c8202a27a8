import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { approvalsVersion, followWhileSignedIn } from './data/record.ts';
import { follow, go, type Screen, screen, subject } from './data/route.ts';
import { signIn } from './data/session.ts';
import { gatewayNow, readApprovals, readStatus, refreshStatus } from './data/status.ts';
import { nextRunOut } from './parts/approval-state.ts';
import { useKeys } from './parts/keys.ts';
import { Agents } from './screens/agents.tsx';
import { Approvals } from './screens/approvals.tsx';
import { Door } from './screens/door.tsx';
import { Now } from './screens/now.tsx';
import { LinkDoor, OneQuestion } from './screens/one-question.tsx';
import { Policy } from './screens/policy.tsx';
import { Settings } from './screens/settings.tsx';
import { Tasks } from './screens/tasks.tsx';
import { Why } from './screens/why.tsx';
import { Shell } from './shell/shell.tsx';

const screens: Readonly<Record<Screen, () => VNode>> = {
  now: () => <Now />,
  approvals: () => <Approvals />,
  tasks: () => <Tasks />,
  why: () => <Why key={subject.value} />,
  agents: () => <Agents />,
  policy: () => <Policy />,
  settings: () => <Settings />,
};

export function App() {
  const state = signIn.value;
  if (state.kind === 'asking') return <div class="blank" />;
  if (state.kind === 'out') return <Door why={state.why} />;
  if (state.kind === 'link') return <LinkDoor link={state.link} />;
  return state.person.only === undefined ? <Inside /> : <OneQuestion />;
}

/** One screen that fails leaves the others, and the way to stop everything, as they are. */
function Drawn({ children }: { children: ComponentChildren }) {
  const [failed, again] = useErrorBoundary();
  if (failed === undefined) return <>{children}</>;
  return (
    <section>
      <h1>This screen could not be drawn</h1>
      <p class="quiet">The record is not affected, and the command line shows the same.</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </section>
  );
}

/** By then it has run out at the gateway as well. */
const laterMillis = 500;
/** A page's timers go no further than 24 days. */
const waitMillisMax = 24 * 86_400_000;

function Inside() {
  useEffect(() => {
    const left = new AbortController();
    followWhileSignedIn(left.signal);
    void readStatus().catch(() => undefined);
    return () => left.abort();
  }, []);
  const version = approvalsVersion.value;
  useEffect(() => {
    const timer = setTimeout(() => void readApprovals().catch(() => undefined), 50);
    return () => clearTimeout(timer);
  }, [version]);
  // Nothing is recorded when a question runs out, so nothing would come.
  const runsOutAt = nextRunOut();
  useEffect(() => {
    if (runsOutAt === undefined) return;
    const look = (): void => {
      refreshStatus();
      void readApprovals().catch(() => undefined);
    };
    const timer = setTimeout(look, Math.min(Math.max(0, runsOutAt - gatewayNow()), waitMillisMax) + laterMillis);
    return () => clearTimeout(timer);
  }, [runsOutAt]);
  useKeys({
    '1': () => go('/now'),
    '2': () => go('/approvals'),
    '3': () => go('/tasks'),
    '4': () => go('/agents'),
    '5': () => go('/policy'),
    '6': () => go('/settings'),
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: links are followed here, by keyboard too; this is no control
    // biome-ignore lint/a11y/useKeyWithClickEvents: pressing Enter on a link is a click
    <div onClick={follow}>
      <Shell>
        <Drawn key={screen.value}>{screens[screen.value]()}</Drawn>
      </Shell>
    </div>
  );
}
