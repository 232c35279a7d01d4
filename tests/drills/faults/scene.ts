import { randomBytes } from 'node:crypto';
import type { Inside } from '../../harness/inside.ts';
import type { SoundHouse } from '../../harness/programme.ts';

/** A sound house, with what whoever owns its databases and files can do past the server. */
export interface Scene {
  readonly house: SoundHouse;
  /** The top of the copy of the code that the house runs. */
  readonly code: string;
  readonly inside: Inside;
  /** Name of a tenant whose log is still: nobody asks anything there. */
  readonly quiet: { readonly name: string; readonly number: number };
}

export type Repair = () => Promise<unknown>;

/** One thing that goes wrong, and how it is put right. */
export interface Fault {
  readonly control: string;
  readonly check: string;
  /** What happened, in a few words. */
  readonly what: string;
  /** What the evidence must say of it, so that an officer knows where to look. */
  readonly says: RegExp;
  break(scene: Scene): Promise<Repair>;
}

type Segment = 'identity' | 'clinical' | 'ledger';

/** Past triggers and foreign keys too: as somebody would who owns the database and means harm. */
export const force = (scene: Scene, segment: Segment, text: string) =>
  scene.inside.databases.sql(segment, `set local session_replication_role = replica; ${text}`);

export const sql = (scene: Scene, segment: Segment, text: string) => scene.inside.databases.sql(segment, text);

/** Statements that break, and those that put it right. */
export const byOwner =
  (segment: Segment, broken: string, repaired: string): Fault['break'] =>
  async (scene) => {
    await force(scene, segment, broken);
    return () => force(scene, segment, repaired);
  };

/**
 * Changes or deletes rows, and puts back what stood there. `where`: the rows, told by columns that the change leaves
 * as they are.
 */
export async function changedRows(
  scene: Scene,
  { segment, table, where }: { readonly segment: Segment; readonly table: string; readonly where: string },
  change: string,
): Promise<Repair> {
  const copy = `public.kept_${randomBytes(4).toString('hex')}`;
  // Whole rows in one column: a table with a tenant column and no policy would be a fault of its own.
  await sql(scene, segment, `create table ${copy} as select t as whole from ${table} t where ${where}`);
  await force(scene, segment, change);
  return () =>
    force(
      scene,
      segment,
      `delete from ${table} where ${where};
       insert into ${table} overriding system value select (whole).* from ${copy}; drop table ${copy}`,
    );
}

/** Deletes rows, and puts them back beside what came meanwhile. */
export async function lostRows(
  scene: Scene,
  { segment, table, where }: { readonly segment: Segment; readonly table: string; readonly where: string },
): Promise<Repair> {
  const copy = `public.kept_${randomBytes(4).toString('hex')}`;
  await sql(scene, segment, `create table ${copy} as select t as whole from ${table} t where ${where}`);
  await force(scene, segment, `delete from ${table} where ${where}`);
  return () =>
    force(
      scene,
      segment,
      `insert into ${table} overriding system value select (whole).* from ${copy}; drop table ${copy}`,
    );
}
