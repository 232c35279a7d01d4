import { type JsonObject, uuidBytes, uuidText } from '@safeguard/kernel';

/**
 * Texts that stand as one byte each, 0x02 onwards in this order. Part of the entry format: never reorder, only append
 * (there is room up to 0x1F). JSON text holds no bytes below 0x20, so that the exchange can be undone.
 */
const words = [
  '{"id":',
  ',"at":',
  ',"kind":"request","tenant":',
  ',"actor":',
  ',"view":"full"',
  ',"view":"deidentified"',
  ',"action":"',
  '","outcome":"permit","status":',
  '","outcome":"deny","status":',
  '","outcome":"fail","status":',
  ',"reason":"',
  ',"from":"',
  '","targets":[',
  '["Patient",',
  '["Observation",',
  '["Encounter",',
  '["Condition",',
  '["Procedure",',
  '["MedicationRequest",',
  '["DiagnosticReport",',
  '["Claim",',
  '["ExplanationOfBenefit",',
  '"part":',
  '"parts":',
  '127.0.0.1',
  '],"patients":[',
  ',"purpose":"TREAT"',
] as const;

const literal = (word: string): string => word.replace(/[[\]{}.$^*+?()|\\]/g, '\\$&');
const wordForm = new RegExp(words.map(literal).join('|'), 'g');
const byteOf = new Map<string, string>(words.map((word, at) => [word, String.fromCharCode(at + 2)]));
const uuidForm = /"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"/g;
const idByte = '\u0001';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these bytes are the format's own
const shortForm = /[\u0001-\u001f]/g;

interface PlainTarget {
  readonly type: string;
  readonly id: string;
  readonly version?: number;
}

function isTarget(value: unknown): value is PlainTarget {
  if (typeof value !== 'object' || value === null) return false;
  const { type, id, version, ...rest } = value as JsonObject;
  if (typeof type !== 'string' || typeof id !== 'string' || Object.keys(rest).length > 0) return false;
  return !('version' in value) || (Number.isSafeInteger(version) && Number(version) > 0);
}

/** The targets of an event, when it has any and all are of the plain shape {type, id, version?}. */
export function targetsOf(event: object): readonly PlainTarget[] | undefined {
  const { targets } = event as { targets?: unknown };
  return Array.isArray(targets) && targets.length > 0 && targets.every(isTarget) ? targets : undefined;
}

/** Targets as [type, version or 0, id, id, …], one list per type and version, in the order of first appearance. */
export function groupTargets(targets: readonly PlainTarget[]): [string, number, ...string[]][] {
  const groups = new Map<string, [string, number, ...string[]]>();
  for (const { type, id, version = 0 } of targets) {
    const group = groups.get(`${version} ${type}`);
    if (group === undefined) groups.set(`${version} ${type}`, [type, version, id]);
    else group.push(id);
  }
  return [...groups.values()];
}

const ungroup = (groups: readonly [string, number, ...string[]][]): PlainTarget[] =>
  groups.flatMap(([type, version, ...ids]) =>
    ids.map((id): PlainTarget => (version === 0 ? { type, id } : { type, id, version })),
  );

/**
 * An event as few bytes: flags (1; bit 0: targets are grouped), number of UUIDs (2, big-endian), the UUIDs (16 each),
 * then its JSON in UTF-8 with every UUID string as 0x01 and the words above as one byte.
 */
export function compact(event: object): Buffer {
  const targets = targetsOf(event);
  const ids: string[] = [];
  const json = JSON.stringify(targets === undefined ? event : { ...event, targets: groupTargets(targets) });
  const text = json
    .replace(uuidForm, (id) => {
      if (ids.length === 0xffff) return id;
      ids.push(id.slice(1, -1));
      return idByte;
    })
    .replace(wordForm, (word) => byteOf.get(word) ?? word);
  const head = Buffer.of(targets === undefined ? 0 : 1, ids.length >> 8, ids.length & 0xff);
  return Buffer.concat([head, ...ids.map(uuidBytes), Buffer.from(text)]);
}

/** The inverse of `compact`; targets come back grouped by type and version. Throws on bytes that are none of ours. */
export function expand(bytes: Buffer): object {
  const count = bytes.readUInt16BE(1);
  let next = 0;
  const text = bytes.toString('utf8', 3 + count * 16).replace(shortForm, (byte) => {
    if (byte !== idByte) return words[byte.charCodeAt(0) - 2] ?? byte;
    const from = 3 + 16 * next;
    next += 1;
    return `"${uuidText(bytes.subarray(from, from + 16))}"`;
  });
  const event = JSON.parse(text) as JsonObject;
  return bytes[0] === 1 ? { ...event, targets: ungroup(event.targets as [string, number, ...string[]][]) } : event;
}
