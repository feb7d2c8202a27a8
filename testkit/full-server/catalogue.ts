/**
 * What the full-featured test server offers: the tools, prompts and resources that the official conformance suite asks
 * for by name, each with a definition of our own.
 */

const text = { type: 'string' };
const amount = { type: 'number' };

/** `task: 'required'` cannot run without the tasks extension, `'supported'` runs as a task where the client speaks it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly execution?: { readonly taskSupport: 'required' | 'optional' };
}

function tool(name: string, description: string, properties: object = {}, required: string[] = []): ToolDefinition {
  const inputSchema = required.length > 0 ? { type: 'object', properties, required } : { type: 'object', properties };
  return { name, description, inputSchema };
}

function job(
  name: string,
  description: string,
  properties: object,
  taskSupport: 'required' | 'optional',
): ToolDefinition {
  return { ...tool(name, description, properties), execution: { taskSupport } };
}

/** JSON Schema 2020-12 with everything that a careless relay would drop. */
const address = { $anchor: 'addressDef', type: 'object', properties: { street: text, city: text } };
const richSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  $defs: { address },
  properties: {
    name: text,
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: text,
    email: text,
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  additionalProperties: false,
};

export const tools: readonly ToolDefinition[] = [
  tool('test_simple_text', 'Returns one text.'),
  tool('test_image_content', 'Returns an image.'),
  tool('test_audio_content', 'Returns a sound.'),
  tool('test_embedded_resource', 'Returns an embedded resource.'),
  tool('test_multiple_content_types', 'Returns a text, an image and a resource.'),
  tool('test_tool_with_logging', 'Logs three times while it works.'),
  tool('test_logging_tool', 'Logs once while it works.'),
  tool('test_tool_with_progress', 'Tells three times how far it is.'),
  tool('test_error_handling', 'Fails.'),
  tool('test_reconnection', 'Hangs up in the middle and goes on when the client has come back.'),
  tool('test_sampling', 'Asks the model of the client.', { prompt: text }, ['prompt']),
  tool('test_elicitation', 'Asks the person at the client.', { message: text }, ['message']),
  tool('test_elicitation_sep1034_defaults', 'Asks with a default for each kind of field.'),
  tool('test_elicitation_sep1330_enums', 'Asks with each kind of choice.'),
  tool('test_elicitation_url', 'Sends the person at the client to a page.'),
  tool('test_roots', 'Asks where the client works.'),
  tool('test_missing_capability', 'Needs a client with a model.'),
  tool('test_streaming_elicitation', 'Asks the person at the client, over a stream.'),
  tool('test_input_required_result_elicitation', 'Asks for a name.'),
  tool('test_input_required_result_sampling', 'Asks for a capital.'),
  tool('test_input_required_result_list_roots', 'Asks for roots.'),
  tool('test_input_required_result_request_state', 'Asks for a yes and wants its state back.'),
  tool('test_input_required_result_multiple_inputs', 'Asks for three things at once.'),
  tool('test_input_required_result_multi_round', 'Asks twice, one after the other.'),
  tool('test_input_required_result_tampered_state', 'Asks for a yes and guards its state.'),
  tool('test_input_required_result_capabilities', 'Asks only for what the client can do.'),
  tool('test_trigger_tool_change', 'Says that its tools have changed.'),
  tool('test_trigger_prompt_change', 'Says that its prompts have changed.'),
  tool('test_param_header', 'Wants an argument repeated in a header.', {
    region: { type: 'string', 'x-mcp-header': 'Region' },
  }),
  { name: 'json_schema_2020_12_tool', description: 'Has a rich schema.', inputSchema: richSchema },
  tool('greet', 'Greets.', { name: text }),
  job('slow_compute', 'Takes its time.', { seconds: amount, label: text }, 'optional'),
  job('failing_job', 'Takes its time and fails.', {}, 'required'),
  job('protocol_error_job', 'Takes its time and breaks.', {}, 'optional'),
  job('confirm_delete', 'Asks before it deletes.', { filename: text }, 'optional'),
  job('multi_input', 'Asks for two things at once.', {}, 'optional'),
  job('test_tool_with_task', 'Asks first, and then takes its time.', {}, 'required'),
];

export const changingTool: ToolDefinition = tool('test_changing_tool', 'Comes and goes.');
export const changingPrompt = { name: 'test_changing_prompt', description: 'Comes and goes.' };

export const prompts = [
  { name: 'test_simple_prompt', description: 'One text.' },
  {
    name: 'test_prompt_with_arguments',
    description: 'Repeats its arguments.',
    arguments: [
      { name: 'arg1', description: 'The first.', required: true },
      { name: 'arg2', description: 'The second.', required: true },
    ],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'Holds a resource.',
    arguments: [{ name: 'resourceUri', description: 'Which one.', required: true }],
  },
  { name: 'test_prompt_with_image', description: 'Holds an image.' },
  { name: 'test_input_required_result_prompt', description: 'Asks before it answers.' },
];

export const resources = [
  { uri: 'test://static-text', name: 'static text', description: 'A text.', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static binary', description: 'An image.', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched', description: 'Changes.', mimeType: 'text/plain' },
];

export const resourceTemplates = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    description: 'Data for an id.',
    mimeType: 'application/json',
  },
];

/** One red pixel. */
export const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** A WAV file without a sample. */
export const sound = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';
