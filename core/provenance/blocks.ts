import { type JsonNode, member } from '../model/json.ts';

/** Of an MCP result (`CallToolResult`, `ReadResourceResult`), what a reader reads, block by block; of anything else, all of it. */
export function blocksOf(result: JsonNode): readonly JsonNode[] {
  const blocks: JsonNode[] = [];
  for (const name of ['content', 'contents', 'messages']) {
    const listed = member(result, name);
    if (listed?.kind === 'array')
      for (const block of listed.items) blocks.push(member(block, 'text') ?? member(block, 'content') ?? block);
  }
  const structured = member(result, 'structuredContent');
  if (structured !== undefined) blocks.push(structured);
  return blocks.length === 0 ? [result] : blocks;
}

/** The same as one value. */
export function contentOf(result: JsonNode): JsonNode {
  const blocks = blocksOf(result);
  const [only] = blocks;
  return blocks.length === 1 && only !== undefined ? only : { kind: 'array', items: blocks };
}
