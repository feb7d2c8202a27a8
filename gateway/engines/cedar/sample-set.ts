import type { CedarSchema } from '@sallyport/core/policy/schema.ts';
import type { Examined } from './examine.ts';

const conditions = `when { context has input && context.input.list.contains("a") && !(context.input.text like "*a*") }
  unless { context.input.count > 1 || ["b"].containsAny(context.input.list) || resource.pinned };`;

const schema: CedarSchema = {
  '': {
    commonTypes: {
      input: {
        type: 'Record',
        attributes: {
          list: { type: 'Set', element: { type: 'String' }, required: true },
          text: { type: 'String', required: true },
          count: { type: 'Long', required: true },
        },
      },
    },
    entityTypes: {
      Agent: { memberOfTypes: ['Team'] },
      Team: {},
      Tool: {
        memberOfTypes: ['Server'],
        shape: { type: 'Record', attributes: { pinned: { type: 'Boolean', required: true } } },
      },
      Server: {},
    },
    actions: {
      class: {},
      act: {
        memberOf: [{ id: 'class' }],
        appliesTo: {
          principalTypes: ['Agent'],
          resourceTypes: ['Tool'],
          context: {
            type: 'Record',
            attributes: { input: { type: 'EntityOrCommon', name: 'input', required: false } },
          },
        },
      },
    },
  },
};

/** A set that means nothing, with a little of each part of the language. */
export const sample: { readonly policies: readonly Examined[]; readonly schema: CedarSchema } = {
  policies: [
    {
      text: `@id("sample") forbid (principal in Team::"t", action in [Action::"class"], resource in Server::"s") ${conditions}`,
      unscoped: `@id("sample") forbid (principal, action, resource) ${conditions}`,
    },
  ],
  schema,
};
