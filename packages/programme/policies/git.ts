import { execFile } from 'node:child_process';

const limit_ms = 5_000;

/** The output of a git command; undefined where it fails, or there is no git. */
const git = (directory: string, args: readonly string[]): Promise<string | undefined> => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  execFile('git', [...args], { cwd: directory, timeout: limit_ms, encoding: 'utf8' }, (error, stdout) => {
    resolve(error === null ? stdout.trim() : undefined);
  });
  return promise;
};

/**
 * Tells the commit that last changed a file, where the file is as that commit left it: what was edited since, or lies
 * in no repository, is of none.
 * @param directory the folder `program/`; paths are below it
 */
export const gitCommits =
  (directory: string) =>
  async (path: string): Promise<string | undefined> => {
    const commit = await git(directory, ['log', '-1', '--format=%H', '--', path]);
    if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
    const same = await git(directory, ['diff', '--quiet', commit, '--', path]);
    return same === undefined ? undefined : commit;
  };
