/** One entry that creates the resource, which is given as JSON text: what is not parsed cannot lose a digit. */
export const postEntry = (resource: string, type: string): string =>
  `{"resource":${resource},"request":{"method":"POST","url":${JSON.stringify(type)}}}`;

/** A bundle of entries that are JSON texts. */
export const requestBundle = (type: 'batch' | 'transaction', entries: readonly string[]): string =>
  `{"resourceType":"Bundle","type":"${type}","entry":[${entries.join(',')}]}`;
