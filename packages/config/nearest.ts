/** Edits between two words: insertions, deletions, replacements (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, target] of [...other].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === target ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The known name that a mistyped one most likely stands for. */
export const nearest = (word: string, known: readonly string[]): string =>
  known.reduce((best, one) => (distance(word, one) < distance(word, best) ? one : best), known[0] ?? '');
