import type { Databases } from './inside.ts';

/** Copies the tables' rows, lets the attack happen, and puts the rows back. `where`: which rows. */
export async function putBack(
  sql: Databases['sql'],
  tables: readonly [string, string][],
  attack: () => Promise<void>,
  where = 'true',
): Promise<void> {
  // Whole rows in one column: a table with a tenant column and no policy would keep the server from starting.
  for (const [segment, table] of tables) {
    const copy = `public.copy_${table.replace('.', '_')}`;
    await sql(segment, `create table ${copy} as select t as whole from ${table} t where ${where}`);
  }
  try {
    await attack();
  } finally {
    for (const [segment, table] of tables) {
      const copy = `public.copy_${table.replace('.', '_')}`;
      await sql(segment, `delete from ${table} where ${where}`);
      await sql(segment, `insert into ${table} select (whole).* from ${copy}`);
      await sql(segment, `drop table ${copy}`);
    }
  }
}
