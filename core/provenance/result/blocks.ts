import { type JsonNode, member } from '../../model/json.ts';

/** Of an MCP result (`CallToolResult`, `ReadResourceResult`), what a reader reads, block by block; of anything else, all of it. */
export function blocksOf(result: JsonNode): readonly JsonNode[] {
  const only = onlyBlockOf(result);
  if (only !== undefined) return [only];
  const blocks: JsonNode[] = [];
  for (const name of lists) {
    const listed = member(result, name);
    if (listed?.kind === 'array') for (const block of listed.items) blocks.push(saidIn(block));
  }
  const structured = member(result, 'structuredContent');
  if (structured !== undefined) blocks.push(structured);
  return blocks.length === 0 ? [result] : blocks;
}

const lists = ['content', 'contents', 'messages'];

/** Nearly every result says one thing in one list. */
function onlyBlockOf(result: JsonNode): JsonNode | undefined {
  const listed = member(result, 'content');
  if (listed?.kind !== 'array' || listed.items.length !== 1 || result.kind !== 'object') return undefined;
  const [block] = listed.items;
  return block === undefined || result.members.size > 1 ? undefined : saidIn(block);
}

function saidIn(block: JsonNode): JsonNode {
  return member(block, 'text') ?? member(block, 'content') ?? block;
}

/** The same as one value. */
export function contentOf(result: JsonNode): JsonNode {
  const one = onlyBlockOf(result);
  if (one !== undefined) return one;
  const blocks = blocksOf(result);
  const [only] = blocks;
  return blocks.length === 1 && only !== undefined ? only : { kind: 'array', items: blocks };
}
