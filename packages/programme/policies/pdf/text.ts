/** The standard fonts of PDF know the letters of Windows-1252 alone; of others the one below the accent is kept. */
export const plain = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll('→', '->')
    .replaceAll('≤', '<=')
    .replaceAll('≥', '>=')
    .replace(/[^\u0020-\u007e\u00a0-\u00ff–—‘’“”…•€\n]/gu, (letter) => {
      const base = letter.normalize('NFKD').replace(/\p{M}/gu, '');
      return /^[\u0020-\u007e\u00a0-\u00ff]+$/u.test(base) ? base : '?';
    });

/** `2026-11-22 10:00 UTC` */
export const timeWords = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
export const dayWords = (at: number): string => new Date(at).toISOString().slice(0, 10);
