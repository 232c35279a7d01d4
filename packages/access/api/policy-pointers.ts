import { fault, isFault } from '@safeguard/kernel';

/** What is found in a policy is told by where it stands in the body that was sent. */
export async function inBody<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid') throw error;
    const issues = error.issues.map(({ at, ...rest }) => ({
      ...rest,
      ...(at === undefined ? {} : { at: placed(at) }),
    }));
    throw fault(error.kind, error.message, { issues, cause: error.cause });
  }
}

const placed = (at: string): string => (at === '/tests' || at.startsWith('/tests/') ? at : `/policy${at}`);
