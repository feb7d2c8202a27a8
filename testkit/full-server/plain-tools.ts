import { args } from './asks.ts';
import { image, sound } from './catalogue.ts';
import { pause, said, type Visit } from './visit.ts';

type Plain = (visit: Visit) => object | Promise<object>;

const picture = { type: 'image', data: image, mimeType: 'image/png' };

function embedded(uri: string, mimeType: string, text: string): object {
  return { type: 'resource', resource: { uri, mimeType, text } };
}

async function logging({ notify }: Visit, words: readonly string[]): Promise<object> {
  for (const data of words) {
    notify('notifications/message', { level: 'info', logger: 'test', data });
    await pause(20);
  }
  return said('logged');
}

/** Tools that simply answer, with whatever they say meanwhile. */
export const plainTools: Readonly<Record<string, Plain>> = {
  test_simple_text: () => said('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [picture] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: sound, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({
    content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      picture,
      embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  }),
  test_tool_with_logging: visit =>
    logging(visit, ['Tool execution started', 'Tool processing data', 'Tool execution completed']),
  test_logging_tool: visit => logging(visit, ['at work']),
  test_tool_with_progress: async ({ meta, notify }) => {
    const { progressToken } = meta;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) notify('notifications/progress', { progressToken, progress, total: 100 });
      await pause(20);
    }
    return said('done');
  },
  test_error_handling: () => said('This tool intentionally returns an error for testing', { isError: true }),
  test_reconnection: async ({ hangUp }) => {
    hangUp();
    await pause(1_500);
    return said('Reconnection test completed successfully.');
  },
  test_trigger_tool_change: ({ tell }) => {
    tell('notifications/tools/list_changed', {});
    return said('told');
  },
  test_trigger_prompt_change: ({ tell }) => {
    tell('notifications/prompts/list_changed', {});
    return said('told');
  },
  test_param_header: visit => said(`region ${args(visit).region ?? 'unknown'}`),
  json_schema_2020_12_tool: visit => said(JSON.stringify(args(visit))),
  greet: visit => said(`Hello, ${args(visit).name ?? 'World'}!`),
};
