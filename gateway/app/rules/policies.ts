import { actedBy, type Caller } from '../../api/caller.ts';
import type { Done } from '../../api/control.ts';
import { type PolicySetView, type PolicyTestsView, type PolicyView, unreadDigest } from '../../api/view/policy.ts';
import type { LoadedPolicy } from '../../engines/cedar/policy.ts';
import type { PolicyProblem } from '../../engines/cedar/problem.ts';
import type { Configured } from '../../policies/check-dir.ts';
import { PolicyDirError, type PolicyText, readPolicyDir } from '../../policies/policy-files.ts';
import type { Log } from '../host/log.ts';
import type { Worlds } from './worlds.ts';

/** The policy files beside the set in force: what is different waits, as a candidate, until it is activated. */
export interface PolicyRoom {
  readonly view: () => Promise<PolicyView>;
  readonly tests: () => Promise<PolicyTestsView>;
  /** Digest of the files, if they are not what is in force. */
  readonly candidate: () => string | undefined;
  readonly activate: (digest: string, by: Caller) => Promise<Done<PolicyView>>;
  /** Looks at the files again. Outside enforce mode a changed set that is sound comes into force by itself. */
  readonly look: () => Promise<void>;
}

export interface PolicyRoomPorts {
  readonly dir: string;
  readonly worlds: Worlds;
  readonly configured: Configured;
  /** Whether anything at all is enforced: then policy changes only by an operator's act. */
  readonly enforcing: () => boolean;
  readonly log: Log;
}

export function createPolicyRoom({ dir, worlds, configured, enforcing, log }: PolicyRoomPorts): PolicyRoom {
  let refusedDigest: string | undefined;
  let waitingDigest: string | undefined;

  function changed(): FolderText | undefined {
    const files = filesIn(dir);
    return files.digest === worlds.active().digest ? undefined : files;
  }

  async function view(): Promise<PolicyView> {
    const { digest, policies, activatedAt, by } = worlds.active();
    const active = { ...setView(digest, policies), world: worlds.current().digest, activatedAt, by };
    const files = changed();
    if (files === undefined) return { active };
    if (files.unread !== undefined)
      return { active, candidate: { ...setView(files.digest, []), problems: [folderProblem(files.unread)] } };
    const loaded = await worlds.check(files);
    const problems: readonly PolicyProblem[] = loaded.ok ? [] : loaded.problems;
    return { active, candidate: { ...setView(files.digest, loaded.ok ? loaded.set.policies : []), problems } };
  }

  async function activate(digest: string, by: Caller): Promise<Done<PolicyView>> {
    const files = changed();
    if (files === undefined) return conflict('the policy files are already in force');
    if (files.digest !== digest) return conflict('the policy files have changed since you looked at them');
    if (files.unread !== undefined) return invalid(files.unread);
    const loaded = await worlds.activate(files, actedBy(by));
    if (loaded.ok) return { ok: true, value: await view() };
    const [first] = loaded.problems;
    const message =
      first === undefined ? 'the policy set does not validate' : `${first.file}:${first.line}: ${first.message}`;
    return invalid(message);
  }

  async function look(): Promise<void> {
    const files = changed();
    if (files === undefined) refusedDigest = undefined;
    if (files === undefined || files.digest === refusedDigest) return;
    if (files.unread !== undefined) {
      refusedDigest = files.digest;
      log('error', 'the policy files cannot be read; those in force stay', { problem: files.unread });
      return;
    }
    // What once waited for an operator goes on waiting, also when modes are loosened in between.
    if (enforcing()) waitingDigest = files.digest;
    if (files.digest === waitingDigest) return;
    const loaded = await worlds.reload(files, () => !enforcing());
    if (loaded === undefined) {
      waitingDigest = files.digest;
      return;
    }
    // What is wrong is said once for each state of the files, not once a second.
    refusedDigest = loaded.ok ? undefined : files.digest;
    if (loaded.ok) log('info', 'policies were reloaded', { digest: files.digest });
    else
      log('error', 'the changed policies are not used; those in force stay', {
        problem: loaded.problems[0]?.message ?? '',
      });
  }

  let running: Promise<PolicyTestsView> | undefined;

  /** Whoever asks while they run gets what comes of that run. */
  function tests(): Promise<PolicyTestsView> {
    running ??= runTests().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function runTests(): Promise<PolicyTestsView> {
    const { checkPolicyDir } = await import('../../policies/check-dir.ts');
    const inForce = changed() === undefined;
    const { problems, tests: results } = await checkPolicyDir(dir, worlds.current().catalogue, configured);
    return {
      inForce,
      problems,
      tests: results.map(({ name, outcome, file, line, message }) => ({
        ...{ name, outcome, file, line },
        ...(message === undefined || message === '' ? {} : { message }),
      })),
    };
  }

  return {
    view,
    tests,
    activate,
    candidate: () => changed()?.digest,
    look,
  };
}

/** What stands in the folder, or why that is not known. */
interface FolderText extends PolicyText {
  readonly unread?: string;
}

/** A folder that cannot be read never comes into force, and its problem is shown. */
function filesIn(dir: string): FolderText {
  try {
    return readPolicyDir(dir);
  } catch (thrown) {
    if (thrown instanceof PolicyDirError) return { digest: unreadDigest, sources: [], unread: thrown.message };
    throw thrown;
  }
}

function folderProblem(message: string): PolicyProblem {
  return { file: '', line: 0, message };
}

function invalid(message: string): Done<never> {
  return {
    ok: false,
    error: { code: 'policy-invalid', field: 'digest', message, fix: 'see: sallyport policy check' },
  };
}

function setView(digest: string, policies: readonly LoadedPolicy[]): PolicySetView {
  return { digest, policies: policies.map(({ info }) => info) };
}

function conflict(message: string): {
  ok: false;
  error: { code: 'conflict'; field: string; message: string; fix: string };
} {
  return { ok: false, error: { code: 'conflict', field: 'digest', message, fix: 'see: sallyport policy activate' } };
}
