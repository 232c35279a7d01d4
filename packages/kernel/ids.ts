import { randomUUID } from 'node:crypto';

/** A new id: a random UUID (RFC 9562 version 4). It carries no time, no counter, no meaning. */
export const newId = (): string => randomUUID();

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for the lower-case text form that `newId` gives; everything else is no id of ours. */
export const isUuid = (text: string): boolean => uuidForm.test(text);

/** The 16 bytes of a UUID's text form. */
export const uuidBytes = (text: string): Buffer => Buffer.from(text.replaceAll('-', ''), 'hex');

/** The text form of 16 bytes. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
