import type { Decision } from '../model/decision.ts';

/** What leads to the gateway's own files is refused in every mode, whatever the policies say: they are among those files. */
export const gatewaysOwn: Decision = {
  answer: 'deny',
  fault: false,
  reasons: [
    {
      rule: 'gateways-own-files',
      text: "it leads to the gateway's own files, which no agent changes",
      fix: 'leave them alone; an operator changes them',
    },
  ],
};
