/** True when an error is a Fault of this kind. */
export const kind =
  (wanted: string) =>
  (error: unknown): boolean =>
    error instanceof Error && 'kind' in error && error.kind === wanted;
