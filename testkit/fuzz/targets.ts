import type { FuzzTarget } from './fuzz.ts';
import { journal } from './journal-target.ts';
import { policies } from './policy-target.ts';
import { framing, json, sse } from './wire-targets.ts';

export const targets: readonly FuzzTarget[] = [json, sse, framing, policies, journal];
