import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problems } from './problems.ts';

/** A file of the content: its path below the directory, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

const fileLimit_bytes = 256 * 1024;
const filesMost = 400;

/** Nothing else is read, and nothing else may stand there: a file under another name would look as if it counted. */
const known = [
  /^(parameters|needs|subprocessors|organization)\.yaml$/,
  /^(controls|profiles|crosswalks)\/[a-z0-9][a-z0-9.-]*\.yaml$/,
  /^policies\/[a-z0-9][a-z0-9-]*\.md$/,
];
const folders = new Set(['controls', 'profiles', 'crosswalks', 'policies']);
const isKnown = (path: string): boolean => known.some((form) => form.test(path));
/** What explains the folder to people, and what editors and git leave. */
const isPassedOver = (name: string): boolean => name === 'README.md' || name.startsWith('.');

/** Every file, in the order of paths. Links are not followed: what is content stands in the directory itself. */
export async function readFiles(directory: string, problems: Problems): Promise<SourceFile[]> {
  const paths = await pathsOf(directory, '', problems);
  if (paths.length > filesMost) problems.add('', 1, `there are more than ${filesMost} files`);
  const files: SourceFile[] = [];
  for (const path of paths.slice(0, filesMost).sort()) {
    const file = await readOne(directory, path, problems);
    if (file !== undefined) files.push(file);
  }
  return files;
}

async function pathsOf(directory: string, folder: string, problems: Problems): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
    if (isPassedOver(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile() && isKnown(path)) paths.push(path);
    else if (entry.isDirectory() && folder === '' && folders.has(path)) {
      paths.push(...(await pathsOf(directory, path, problems)));
    } else
      problems.add(path, 1, entry.isSymbolicLink() ? 'a link is not followed' : 'nothing reads a file of this name');
  }
  return paths;
}

async function readOne(directory: string, path: string, problems: Problems): Promise<SourceFile | undefined> {
  const bytes = await bytesOf(join(directory, path));
  if (bytes === undefined) {
    problems.add(path, 1, `the file is larger than ${fileLimit_bytes / 1024} KB`);
    return undefined;
  }
  const text = textOf(bytes);
  if (text === undefined) {
    problems.add(path, 1, 'the file is not UTF-8');
    return undefined;
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (hidden.test(line.replaceAll(/\t|\r$/g, '')))
      problems.add(path, index + 1, 'a control or direction character hides what the text says');
  }
  return { path, text, digest: hash('sha256', bytes) };
}

/** No link is opened, whoever made one since the directory was listed; no more is read than the limit. */
async function bytesOf(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(fileLimit_bytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length > fileLimit_bytes ? undefined : buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Controls, and characters that turn the direction of text or have no width. Tabs and the ends of lines are none. */
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

/** SHA-256 over paths and contents, hex. */
export const digestOf = (files: readonly SourceFile[]): string =>
  hash('sha256', files.map(({ path, digest }) => `${path}\0${digest}\n`).join(''));
