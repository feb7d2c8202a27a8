import { bad, headerMismatch, invalidParams, type Malformed, type Read, read } from './malformed.ts';
import type { Meta } from './meta.ts';
import { type Era, errorCodes, legacyVersions, metaKeys, modernVersions } from './protocol.ts';

/**
 * The era of one request. The body decides: `_meta` with a protocol version means modern. The header
 * `MCP-Protocol-Version`, where there are headers, must say the same (2026-07-28, "Protocol Version Header").
 *
 * `header` is undefined where it is absent, `'none'` on transports that have no headers.
 */
export function eraOf(meta: Meta, header: string | undefined | 'none'): Read<Era> {
  if (meta.version === undefined) return header === 'none' ? read('legacy') : withoutClaim(header);
  if (header !== 'none' && header !== meta.version)
    return bad(headerMismatch('mcp-protocol-version', 'must repeat the protocol version in params._meta'));
  if (!modernVersions.includes(meta.version)) return bad(unsupported(meta.version));
  if (meta.capabilities === undefined)
    return bad(invalidParams(`params._meta.${JSON.stringify(metaKeys.clientCapabilities)}`, 'must be an object'));
  return read('modern');
}

function withoutClaim(header: string | undefined): Read<Era> {
  if (header === undefined || legacyVersions.includes(header)) return read('legacy');
  if (!modernVersions.includes(header)) return bad(unsupported(header));
  const key = JSON.stringify(metaKeys.protocolVersion);
  return bad(invalidParams(`params._meta.${key}`, 'is required in this protocol version'));
}

/** 2026-07-28, UnsupportedProtocolVersionError. The version asked for is echoed only if it looks like one. */
function unsupported(requested: string): Malformed {
  const shown = /^[A-Za-z0-9.-]{1,32}$/.test(requested) ? requested : 'unreadable';
  return {
    code: errorCodes.unsupportedVersion,
    status: 400,
    field: 'mcp-protocol-version',
    why: 'this protocol version is not supported',
    data: { supported: modernVersions, requested: shown },
  };
}
