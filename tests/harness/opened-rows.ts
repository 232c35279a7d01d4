import assert from 'node:assert/strict';
import type { Inside } from './inside.ts';

interface Body {
  readonly id: string;
  readonly version: number;
  readonly key: number;
  readonly type: number;
  readonly at: Date;
  readonly identity: number | null;
  readonly body: Buffer;
}

/** Every body of the clinical segment of the first tenant, opened. */
export async function clinicalTexts(inside: Inside): Promise<string[]> {
  const vault = await inside.seal.vault('clinical', 1);
  const columns = 'id, version, key, type, at, identity, body';
  const text = `select ${columns} from records.resource union all select ${columns} from records.history`;
  const rows = (await inside.databases.sql('clinical', text)) as unknown as (Omit<Body, 'body'> & {
    body: Buffer | null;
  })[];
  const live = rows.filter((row): row is Body => row.body !== null);
  const keys = await vault.keysById([...new Set(live.map(({ key }) => key))]);
  return live.map(({ id, version, key, type, at, identity, body }) => {
    const dataKey = keys.get(key);
    assert.ok(dataKey);
    const purpose = `resource/${type}/${at.getTime()}/${identity ?? 'alone'}`;
    return vault.open(dataKey, { resource: id, version, purpose }, body).toString();
  });
}

/** Every part of the identity segment of the first tenant, opened. */
export async function identityTexts(inside: Inside): Promise<string[]> {
  const vault = await inside.seal.vault('identity', 1);
  const parts = await inside.databases.sql('identity', 'select row, edition, key, body from records.part');
  const keys = await vault.keysById([...new Set(parts.map(({ key }) => Number(key)))]);
  return parts.map(({ row, edition, key, body }) => {
    const dataKey = keys.get(Number(key));
    assert.ok(dataKey);
    const version = Math.floor(Number(edition) / 0x100000);
    const binding = { resource: vault.resource(String(row)), version, purpose: `identity/${edition}` };
    return vault.open(dataKey, binding, body as Buffer).toString();
  });
}
