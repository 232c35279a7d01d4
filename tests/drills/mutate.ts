import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A line of the product taken out or changed, for a negative control. */
export interface Mutation {
  /** End of the file's path. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The environment that makes a Safeguard process run with the mutations: this file is loaded before its first module.
 * A mutation whose text is not found ends the process, so that a control cannot turn into a test of nothing.
 */
export const mutated = (...mutations: readonly Mutation[]): Record<string, string> => ({
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${import.meta.url}`,
  DRILL_MUTATIONS: JSON.stringify(mutations),
});

/** Writes that are answered before they are on the disk; so slow a WAL writer that a crash surely loses some. */
export const notDurable: Mutation = {
  file: '/packages/store/cluster-settings.ts',
  from: "synchronous_commit: 'on',",
  to: "synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB',",
};

/** Writes whose answer was lost in a crash are not looked for at the start. */
export const notRecovered: Mutation = {
  file: '/apps/server/care.ts',
  from: 'await recoverAll(alone ? 0 : settled_ms);',
  to: 'void alone;',
};

/** Requests that are answered without being recorded. */
export const notRecorded: Mutation = {
  file: '/apps/server/server.ts',
  from: 'await ledger.append(event.tenant, [event]);',
  to: 'void event;',
};

const asked: readonly Mutation[] = JSON.parse(process.env.DRILL_MUTATIONS ?? '[]');

if (asked.length > 0) {
  registerHooks({
    load(url, context, nextLoad) {
      const some = asked.filter(({ file }) => url.endsWith(file));
      if (some.length === 0) return nextLoad(url, context);
      let source = readFileSync(fileURLToPath(url), 'utf8');
      for (const { file, from, to } of some) {
        if (!source.includes(from)) throw new Error(`the mutation of ${file} does not fit any more`);
        source = source.replace(from, to);
      }
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}
