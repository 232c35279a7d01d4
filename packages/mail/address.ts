/** One mailbox and nothing else: no display name, no list, no comment, no quoting (RFC 5321 4.1.2, in part). */
const form =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}$/;

/** Whether mail can be sent there by us: one plain ASCII mailbox of at most 254 characters. */
export const isAddress = (text: string): boolean => text.length <= 254 && form.test(text);

/** Text for a header of ours: one line, printable. */
export const isHeaderText = (text: string): boolean =>
  text.length > 0 && text.length <= 200 && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(text);
