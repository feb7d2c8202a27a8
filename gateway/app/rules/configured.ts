import type { Configured } from '../../policies/check-dir.ts';
import type { Config } from '../config/config.ts';
import { segmentIds } from '../config/segments.ts';
import { hypothetical } from './attempt.ts';

/** What the configuration says that policies and kinds of tasks can name. */
export function configured(config: Config): Configured {
  return { agents: config.agents.map(hypothetical), segments: segmentIds(config) };
}
