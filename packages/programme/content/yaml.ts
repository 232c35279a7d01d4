import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import type { Problems } from './problems.ts';

type Path = readonly PropertyKey[];

/** A YAML text that was read: its value, and at which line each part of it stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** The line of what stands at a path, or of the nearest thing around it. */
  line(path: Path): number;
}

const nodesMost = 50_000;

/**
 * Parses strictly: YAML 1.2 core, no duplicate keys, one document, no tags, no aliases and anchors (a few lines of them
 * can stand for gigabytes). Undefined, and each problem told with its line: there is nothing to use.
 * @param before lines of the file above the text
 */
export function readYaml(file: string, text: string, problems: Problems, before = 0): YamlSource | undefined {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => before + Math.max(1, lines.linePos(offset).line);
  const told = problems.count();
  const document = parsed(text, lines);
  if (document === undefined) {
    problems.add(file, before + 1, 'the YAML is nested too deeply');
    return undefined;
  }
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    problems.add(file, lineAt(pos[0]), `not usable as YAML: ${message.split('\n')[0]}`);
  }
  let nodes = 0;
  visit(document, {
    Node: (_, node) => {
      nodes += 1;
      if (nodes > nodesMost) return visit.BREAK;
      const { anchor, tag } = node as { anchor?: string; tag?: string };
      const at = lineAt(node.range?.[0] ?? 0);
      if (isAlias(node) || anchor !== undefined) problems.add(file, at, 'anchors and aliases are not read');
      else if (tag !== undefined) problems.add(file, at, 'tags are not read');
      return undefined;
    },
  });
  if (nodes > nodesMost) problems.add(file, before + 1, `the YAML has more than ${nodesMost} nodes`);
  if (problems.count() > told) return undefined;
  const root = document.contents;
  return { file, value: document.toJS({ maxAliasCount: 0 }), line: (path) => lineAt(offsetOf(root, path)) };
}

function parsed(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, schema: 'core', uniqueKeys: true, version: '1.2' });
  } catch (error) {
    // The stack ran out: the parser calls itself for each level.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Of an entry of a map the offset of its key: there people look for it. */
function offsetOf(root: unknown, path: Path): number {
  let node: unknown = root;
  let offset = (root as Node | null)?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === step);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (node === undefined) break;
      offset = (node as Node).range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

const said = (path: Path): string => (path.length === 0 ? '' : `${path.join('.')}: `);

/** The value in its form, or undefined and every problem with it told at its line. */
export function shaped<T>(source: YamlSource, schema: z.ZodType<T>, problems: Problems): T | undefined {
  const result = schema.safeParse(source.value);
  for (const issue of result.error?.issues ?? []) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        problems.add(source.file, source.line([...issue.path, key]), `${said([...issue.path, key])}unknown key`);
      }
    } else if (issue.code === 'invalid_key') {
      problems.add(source.file, source.line(issue.path), `${said(issue.path)}not a name that can be used here`);
    } else {
      const text = issue.message
        .replace(/^Invalid (input|option): /, '')
        .replace(/^expected .* received undefined$/, 'missing');
      problems.add(source.file, source.line(issue.path), `${said(issue.path)}${text}`);
    }
  }
  return result.data;
}
