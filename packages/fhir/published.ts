import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** A conformance resource that HL7 published with R4 (4.0.1). */
export interface PublishedEntry {
  readonly type: string;
  readonly id: string;
  readonly url: string;
  readonly name: string;
}

/** Without a version: R4's own, 4.0.1. */
type Row = readonly [
  type: string,
  id: string,
  url: string,
  name: string,
  block: number,
  line: number,
  version?: string,
];
interface Index {
  readonly lengths: readonly number[];
  readonly rows: readonly Row[];
}
interface Shelf {
  readonly entries: ReadonlyMap<string, readonly PublishedEntry[]>;
  readonly byId: ReadonlyMap<string, Row>;
  readonly byUrl: ReadonlyMap<string, Row>;
  readonly block: (number: number) => readonly string[];
}

/** Blocks that are kept opened: about 200,000 characters each. */
const blocks_kept = 6;

function createBlocks(bytes: Buffer, lengths: readonly number[], start: number): Shelf['block'] {
  const starts = lengths.map((_, at) => lengths.slice(0, at).reduce((sum, length) => sum + length, start));
  const kept = new Map<number, readonly string[]>();
  return (number) => {
    const found = kept.get(number);
    if (found !== undefined) return found;
    const from = starts[number] ?? 0;
    const packed = bytes.subarray(from, from + (lengths[number] ?? 0));
    const lines = brotliDecompressSync(packed).toString('utf8').split('\n');
    const oldest = kept.size < blocks_kept ? undefined : kept.keys().next().value;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(number, lines);
    return lines;
  };
}

function open(): Shelf {
  const bytes = readFileSync(join(import.meta.dirname, 'definitions/published.br'));
  const start = 4 + bytes.readUInt32BE(0);
  const { lengths, rows }: Index = JSON.parse(brotliDecompressSync(bytes.subarray(4, start)).toString('utf8'));
  const entries = Map.groupBy(
    rows.map(([type, id, url, name]) => ({ type, id, url, name })),
    ({ type }) => type,
  );
  return {
    entries,
    byId: new Map(rows.map((row) => [`${row[0]}/${row[1]}`, row])),
    byUrl: new Map(rows.map((row) => [row[2], row])),
    block: createBlocks(bytes, lengths, start),
  };
}

let opened: Shelf | undefined;
/** Read at the first question: a server that is never asked holds none of it. */
const shelf = (): Shelf => {
  opened ??= open();
  return opened;
};

const textOf = (row: Row | undefined): string | undefined => row && shelf().block(row[4])[row[5]];

/** The types of which HL7 published resources that are kept here. */
export const publishedTypes: readonly string[] = [
  'CodeSystem',
  'OperationDefinition',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
];

/** The published resources of a type, in the order of their ids. */
export const publishedEntries = (type: string): readonly PublishedEntry[] => shelf().entries.get(type) ?? [];

/** A published resource as JSON text, without narrative; undefined where HL7 published none with that id. */
export const publishedText = (type: string, id: string): string | undefined =>
  publishedTypes.includes(type) ? textOf(shelf().byId.get(`${type}/${id}`)) : undefined;

/** The published resource that a canonical URL (without version, or with the one that was published) names. */
export function publishedByUrl(url: string): string | undefined {
  const [plain = '', version] = url.split('|');
  const row = shelf().byUrl.get(plain);
  const its = row?.[6] ?? '4.0.1';
  return version === undefined || version === its ? textOf(row) : undefined;
}
