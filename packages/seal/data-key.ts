import type { KeyObject } from 'node:crypto';
import { fault } from '@safeguard/kernel';
import { frame } from './frame.ts';
import type { DataKey, SealSegment } from './types.ts';

/** 1: AES-256-GCM, raw deflate, associated data as in `body.ts`. */
export const formatVersion = 1;

interface Secret {
  readonly tenant: number;
  readonly segment: SealSegment;
  readonly key: KeyObject;
  /** The fields of the associated data that are the same for everything under this key. */
  readonly prefix: Buffer;
}

// Outside the handle, so that inspecting, logging or serialising a DataKey shows no key.
// A KeyObject keeps its bytes outside the JavaScript heap, and OpenSSL cleanses them when it is collected.
const secrets = new WeakMap<DataKey, Secret>();

/** A copy outside of the pool that small Buffers share: held for long, a slice would hold its 64 KiB with it. */
function alone(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** Makes the handle of an unwrapped key. */
export function holdDataKey(
  at: { tenant: number; segment: SealSegment },
  id: number,
  owner: string,
  key: KeyObject,
): DataKey {
  const handle: DataKey = Object.freeze({ id, owner });
  const prefix = alone(frame([Buffer.from([formatVersion]), at.tenant, at.segment, owner, id]));
  secrets.set(handle, { tenant: at.tenant, segment: at.segment, key, prefix });
  return handle;
}

/** Takes the key out of a handle wherever it is still held: whoever uses it next gets Fault `gone`. */
export const revokeDataKey = (handle: DataKey): boolean => secrets.delete(handle);

/** The secret behind a handle. A handle of another tenant or segment is our own mistake and opens nothing. */
export function secretOf(handle: DataKey, at: { tenant: number; segment: SealSegment }): Secret {
  const secret = secrets.get(handle);
  if (secret === undefined) throw fault('gone', 'the keys of these data have been destroyed');
  if (secret.tenant !== at.tenant || secret.segment !== at.segment)
    throw fault('internal', 'stored data could not be opened', { cause: new Error('data key of another vault') });
  return secret;
}
