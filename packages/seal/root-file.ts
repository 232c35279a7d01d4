import { randomUUID } from 'node:crypto';
import { constants, type FileHandle, link, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@safeguard/kernel';

const fileName = 'root-key.json';
const limit_bytes = 4096;
// Not through a symbolic link, and not waiting for the other end of a pipe.
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const refused = (text: string, cause?: unknown) => fault('unavailable', `root key file: ${text}`, { cause });
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** The text of the root key file; undefined when there is none. Refuses a file that others could read or have made. */
export async function readRootFile(directory: string): Promise<string | undefined> {
  await checkDirectory(directory);
  let file: FileHandle;
  try {
    file = await open(join(directory, fileName), readOnly);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw refused(codeOf(cause) === 'ELOOP' ? 'is a symbolic link; expected a regular file' : 'cannot be read', cause);
  }
  try {
    // Of the opened file, not of its name: nothing can be put in its place between looking and reading.
    const { mode, uid, size, isRegular } = await describe(file);
    if (!isRegular || size > limit_bytes) throw refused('is not a regular file of at most 4 KiB');
    if (uid !== process.getuid?.()) throw refused('belongs to another user');
    if ((mode & 0o077) !== 0) throw refused('others have access to it; expected mode 0600');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Writes the file where none is, durably. False when another process was first. */
export async function createRootFile(directory: string, text: string): Promise<boolean> {
  const temporary = await writeTemporary(directory, text);
  try {
    // A hard link fails where the name exists (as O_EXCL does) and never shows a half-written file under it.
    await link(temporary, join(directory, fileName));
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw refused('cannot be written', cause);
  } finally {
    await unlink(temporary);
  }
  await syncDirectory(directory);
  return true;
}

/** Replaces the file in one step: after a crash it is either the old or the new one. */
export async function replaceRootFile(directory: string, text: string): Promise<void> {
  await rename(await writeTemporary(directory, text), join(directory, fileName));
  await syncDirectory(directory);
}

async function checkDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  if (!found.isDirectory()) throw refused('its directory is not a directory, or is a symbolic link');
  if (found.uid !== process.getuid?.()) throw refused('its directory belongs to another user');
  if ((found.mode & 0o077) !== 0) throw refused('others have access to its directory; expected mode 0700');
}

async function describe(file: FileHandle) {
  const found = await file.stat();
  return { mode: found.mode, uid: found.uid, size: found.size, isRegular: found.isFile() };
}

async function writeTemporary(directory: string, text: string): Promise<string> {
  const path = join(directory, `.${fileName}.${randomUUID()}`);
  const file = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return path;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
